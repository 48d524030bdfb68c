import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { leave } from './journal.ts';
import { collect, platform, type World } from './world.ts';

const PRIVATE = 'pr1vate/of%shop';
const PASSWORD = 'pa55word';
const URL = `vault://me:${PASSWORD}@safe.example/x`;

/** What a careless script says on stderr. */
const TALK = `echo "trying ${URL} with ${PRIVATE}" >&2; echo "no: ${URL} ${PRIVATE}" >&2`;
const FAIL = `${TALK}; exit 1`;
const CALM = {
  provision: `echo empty >"$ADDON_DATA/ledger/$ADDONS_OP_ID"; ${TALK}; echo "$ADDONS_OP_ID;${PRIVATE}"`,
  url: `${TALK}; echo "${URL}"`,
  rotate: `${TALK}; echo "${PRIVATE}"`,
  unprovision: `${TALK}; rm -f "$ADDON_DATA/ledger/$1"`,
};

/** Listens to everything that calls give, throw and tell, in every way that it might be shown. */
function eavesdrop() {
  const heard: string[] = [];
  const hear = (thing: unknown) => {
    heard.push(
      JSON.stringify(thing) ?? '',
      inspect(thing, { depth: Infinity, showHidden: true, maxStringLength: null }),
    );
    if (!(thing instanceof Error)) return;
    heard.push(String(thing), thing.message, thing.stack ?? '');
    const below = [
      thing.cause,
      ...('details' in thing ? (Object.values(Object(thing.details)).flat() as unknown[]) : []),
    ];
    for (const one of below) if (one !== undefined) hear(one);
  };
  const codes: (string | undefined)[] = [];
  return {
    heard,
    codes,
    onProgress: hear,
    async of(call: Promise<unknown>) {
      try {
        hear(await call);
        codes.push(undefined);
      } catch (error) {
        hear(error);
        codes.push(error instanceof Error && 'code' in error ? String(error.code) : '');
      }
    },
  };
}

async function leakless(play: (world: World, hear: ReturnType<typeof eavesdrop>) => Promise<void>) {
  const world = platform();
  const ear = eavesdrop();
  await play(world, ear);
  expect(ear.heard.filter((text) => text.includes(PRIVATE) || text.includes(PASSWORD))).toEqual([]);
  return ear.codes;
}

it('no verb gives a secret away, but url and env', async () => {
  const codes = await leakless(async ({ addons, app, install, home }, { of, onProgress }) => {
    install('vault', CALM);
    const idOf = async (name: string) => (await addons.list(name)).resources[0]?.id ?? '';
    for (const name of ['shop', 'blog']) app(name);
    await of(addons.enable('vault', { onProgress }));
    for (const name of ['shop', 'blog']) await of(addons.add(name, 'vault', { onProgress }));
    await of(addons.add('shop', 'vault', { onProgress }));
    await of(addons.release('shop', { onProgress }));
    await of(collect(addons.releaseAll({ onProgress })));
    expect(await addons.url('shop', 'vault', { onProgress })).toBe(URL);
    expect((await addons.env('shop')).get('X_VAULT_URL')).toBe(URL);
    await of(addons.list('shop'));
    await of(collect(addons.listAll()));
    await of(addons.addons());
    await of(addons.info('vault'));
    await of(addons.check({ onProgress }));
    await of(addons.dump('shop', 'vault', { file: join(home, 'dump') }, { onProgress }));
    await of(addons.restore('shop', 'vault', { file: join(home, 'dump') }, { onProgress }));
    for (const dryRun of [true, false]) {
      await of(addons.rotate('shop', 'vault', { onProgress, dryRun }));
      await of(
        addons.adopt('shop', 'vault', { id: await idOf('shop'), private: '' }, { onProgress, dryRun, keep: false }),
      );
      await of(addons.clone('shop', 'copy', { onProgress, dryRun, withData: true }));
      await of(addons.remove('blog', 'vault', { onProgress, dryRun, keepFor: 60 }));
    }
    await of(addons.trash());
    for (const dryRun of [true, false]) await of(addons.undo('blog', 'vault', { onProgress, dryRun }));
    await of(addons.remove('blog', 'vault', { onProgress, keepFor: 60 }));
    for (const dryRun of [true, false]) await of(collect(addons.emptyTrash({ onProgress, dryRun })));
    for (const dryRun of [true, false]) await of(addons.rename('copy', 'other', { onProgress, dryRun }));
    await addons.add('blog', 'vault');
    for (const dryRun of [true, false]) {
      await of(addons.remove('shop', 'vault', { onProgress, dryRun }));
      await of(addons.delete('blog', { onProgress, dryRun }));
      await of(addons.disable('vault', { onProgress, dryRun, force: true }));
    }
    await of(addons.unlock());
  });
  expect(new Set(codes)).toEqual(new Set([undefined]));
});

it('no failure of a script gives a secret away', async () => {
  const codes = await leakless(async ({ addons, app, install, home, enable }, { of, onProgress }) => {
    await enable('vault', CALM);
    for (const name of ['shop', 'blog', 'news', 'wiki']) app(name);
    await addons.add('shop', 'vault');
    await addons.release('shop');
    const provisions = [
      `echo "$ADDONS_OP_ID;${PRIVATE}"; ${FAIL}`, // told of it, then failed
      `echo "$ADDONS_OP_ID;${PRIVATE}"; ${TALK}; sleep 20`, // told of it, then hung
      `echo "$ADDONS_OP_ID;${PRIVATE}"; ${TALK}; kill -9 $$`,
    ];
    for (const provision of provisions) {
      for (const unprovision of [CALM.unprovision, FAIL]) {
        install('vault', { provision, unprovision });
        await of(addons.add('blog', 'vault', { onProgress, timeout: 0.4 }));
      }
      install('vault', CALM);
      await of(addons.add('blog', 'vault', { onProgress }));
      await of(addons.remove('blog', 'vault', { onProgress }));
    }
    const lines = await addons.list('shop');
    install('vault', {
      unprovision: FAIL,
      rotate: `echo "${PRIVATE}"; ${FAIL}`,
      url: FAIL,
      list: FAIL,
      dump: FAIL,
      restore: FAIL,
      disable: `echo "${URL}" >&2; exit 1`,
    });
    await of(addons.rotate('shop', 'vault', { onProgress }));
    await of(addons.adopt('news', 'vault', { id: 'n1', private: PRIVATE }, { onProgress }));
    await of(addons.clone('shop', 'copy', { onProgress, withData: true }));
    await of(addons.remove('shop', 'vault', { onProgress, keepFor: 60 }));
    await of(collect(addons.emptyTrash({ onProgress })));
    await of(addons.undo('shop', 'vault', { onProgress }));
    expect(await addons.list('shop')).toEqual(lines);
    await of(addons.remove('shop', 'vault', { onProgress }));
    await of(addons.delete('shop', { onProgress }));
    await of(addons.disable('vault', { onProgress, force: true }));
    await of(addons.release('shop', { onProgress }));
    await of(collect(addons.releaseAll({ onProgress })));
    await of(addons.url('shop', 'vault', { onProgress }));
    await of(addons.check({ onProgress }));
    await of(addons.dump('shop', 'vault', { file: join(home, 'dump') }, { onProgress }));
    writeFileSync(join(home, 'in'), 'a dump');
    await of(addons.restore('shop', 'vault', { file: join(home, 'in') }, { onProgress }));
    install('vault', { unprovision: `${TALK}; sleep 20`, url: `${TALK}; sleep 20`, dump: `${TALK}; sleep 20` });
    for (const options of [{ timeout: 0.2 }, { signal: AbortSignal.timeout(200) }]) {
      await of(addons.url('shop', 'vault', { onProgress, ...options }));
      await of(addons.dump('shop', 'vault', { file: join(home, 'dump') }, { onProgress, ...options }));
      await of(addons.remove('shop', 'vault', { onProgress, ...options }));
    }
  });
  expect(new Set(codes)).toEqual(new Set([undefined, 'script-failed', 'script-timeout', 'release-failed', 'aborted']));
});

it('no wrong output gives a secret away', async () => {
  const codes = await leakless(async ({ addons, app, install, enable }, { of, onProgress }) => {
    await enable('vault', CALM);
    for (const name of ['a', 'b', 'c', 'd', 'e', 'shop']) app(name);
    await addons.add('shop', 'vault');
    for (const [name, output] of Object.entries({
      a: `echo "${PRIVATE}"`,
      b: `echo "id;${PRIVATE};${PRIVATE}"`,
      c: `echo "${URL}"; echo "id;${PRIVATE}"`,
      d: `printf '${PRIVATE};\\0${PRIVATE}'`,
    })) {
      install('vault', { provision: `${output}; ${TALK}` });
      await of(addons.add(name, 'vault', { onProgress }));
      await of(addons.list(name));
      await of(addons.release(name, { onProgress }));
    }
    for (const url of [`echo "${URL}'"`, `echo "${URL}"; echo "${PRIVATE}"`, `printf '${URL}\\0'`]) {
      install('vault', { url: `${TALK}; ${url}` });
      await of(addons.release('shop', { onProgress }));
      await of(addons.url('shop', 'vault', { onProgress }));
      await of(addons.check({ onProgress }));
    }
    for (const rotate of [`echo "${PRIVATE};"`, `echo "${PRIVATE}"; echo x`, `printf '${PRIVATE}\\0'`]) {
      install('vault', { rotate: `${TALK}; ${rotate}` });
      await of(addons.rotate('shop', 'vault', { onProgress }));
    }
    install('vault', { list: `echo "${PRIVATE};${URL}"; ${TALK}` });
    await of(addons.adopt('e', 'vault', { id: 'n1', private: PRIVATE }, { onProgress }));
    await of(addons.check({ onProgress }));
  });
  expect(new Set(codes)).toEqual(new Set([undefined, 'quarantined', 'release-failed', 'script-output']));
});

it('no damaged file and no recovery gives a secret away', async () => {
  const codes = await leakless(async ({ addons, app, enable, install }, { of, onProgress }) => {
    await enable('vault', CALM);
    const dir = app('shop', `vault;${PRIVATE}\nvault;1;${PRIVATE};2\nvault;1;${PRIVATE}\nvault;2;${PRIVATE}\n`);
    writeFileSync(join(dir, 'ENV'), `X_VAULT_URL='${URL}\nB='\n`);
    const verbs = () => [
      () => addons.list('shop'),
      () => addons.add('shop', 'vault', { onProgress }),
      () => addons.remove('shop', 'vault', { onProgress }),
      () => addons.delete('shop', { onProgress }),
      () => addons.release('shop', { onProgress }),
      () => addons.check({ onProgress }),
    ];
    for (const verb of verbs()) await of(verb());
    writeFileSync(join(dir, 'ADDONS'), `vault;1;${PRIVATE}\n`);
    app('blog');
    install('vault', { unprovision: FAIL });
    leave(addons, { kind: 'remove', addon: 'vault', app: 'shop', resource: '1' });
    const runs = [{ script: 'provision', out: `9;${PRIVATE}\n`, status: 1 }];
    leave(addons, { kind: 'add', addon: 'vault', app: 'blog', runs });
    for (const verb of verbs()) await of(verb());
    await of(addons.add('blog', 'vault', { onProgress }));
    await of(addons.release('blog', { onProgress }));
    await of(addons.unlock());
    const bad = [{ script: 'provision', out: `7;${PRIVATE}\n${PRIVATE}\n`, status: 0 }];
    const operation = leave(addons, { kind: 'add', addon: 'vault', app: 'blog', runs: bad, quarantine: 'look' });
    await of(addons.inspect(operation));
    await of(addons.resolve(operation, 'retry', { onProgress }));
    await of(addons.resolve(operation, { adopt: '7', private: PRIVATE }, { onProgress }));
  });
  expect(codes).toContain('conflict');
  expect(codes).toContain('script-failed');
});
