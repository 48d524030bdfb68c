import { existsSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Disk, nodeDisk } from '../../lib/state/disk.ts';
import { currentProcess } from '../../lib/state/process-identity.ts';
import { dead, leave } from './journal.ts';
import { collect, failure, platform, type World } from './world.ts';

/** The app `shop` has `vault`, with an extra name, and `safe`, released. */
async function world(): Promise<World & { ids: { vault: string; safe: string }; names(app: string): string }> {
  const made = platform();
  await made.enable('vault');
  await made.enable('safe');
  made.app('shop');
  const { id: vault = '' } = await made.addons.add('shop', 'vault', { env: 'DATABASE_URL' });
  const { id: safe = '' } = await made.addons.add('shop', 'safe');
  await made.addons.release('shop');
  const names = (app: string) => {
    const path = join(made.addons.platform.appDir(app), 'ADDONS.env');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  return { ...made, ids: { vault, safe }, names };
}

const unprovisioned = ({ ran }: World) =>
  ['vault', 'safe'].flatMap(ran).filter((line) => line.startsWith('unprovision'));

describe('where the new name is free', () => {
  it('renames the directory, with all that is in it', async () => {
    const made = await world();
    const { addons, read, names, journal } = made;
    const before = [read('shop', 'ADDONS'), read('shop', 'ENV'), names('shop')];
    const { ino } = statSync(addons.platform.appDir('shop'));
    expect(await addons.rename('shop', 'store')).toEqual({
      app: 'shop',
      to: 'store',
      outcome: 'done',
      directory: true,
      moved: ['vault', 'safe'],
      steps: [],
    });
    expect(await addons.apps()).toEqual(['store']);
    expect([read('store', 'ADDONS'), read('store', 'ENV'), names('store')]).toEqual(before);
    expect([statSync(addons.platform.appDir('store')).ino, journal(), unprovisioned(made)]).toEqual([ino, [], []]);
    expect((await addons.check()).findings).toEqual([]);
  });

  it('takes an interrupted operation along', async () => {
    const { addons, read, journal } = await world();
    leave(addons, {
      kind: 'add',
      addon: 'third',
      app: 'shop',
      runs: [{ script: 'provision', out: 'told-1;x\n', status: 0 }],
    });
    await addons.rename('shop', 'store');
    expect(journal()).toHaveLength(1);
    expect(read('store', 'ADDONS')).not.toContain('told-1');
  });

  it('renames an app that has nothing', async () => {
    const { addons, app } = await world();
    app('empty');
    expect(await addons.rename('empty', 'full')).toMatchObject({ outcome: 'done', directory: true, moved: [] });
  });

  it('the same command again has nothing to do', async () => {
    const { addons } = await world();
    await addons.rename('shop', 'store');
    expect(await addons.rename('shop', 'store')).toMatchObject({ outcome: 'unchanged', moved: [] });
  });
});

it('where the platform renamed the directory before, there is nothing to do', async () => {
  const { addons, home } = await world();
  renameSync(join(home, 'apps/shop'), join(home, 'apps/store'));
  expect(await addons.rename('shop', 'store')).toMatchObject({ outcome: 'unchanged', directory: false });
});

describe('where the platform has made the new directory', () => {
  it('moves lines and names, drops the old variables, keeps the rest of both', async () => {
    const made = await world();
    const { addons, app, read, names, ids, ledger, journal } = made;
    const from = app('shop');
    const to = app('store', 'other;9;x\n');
    writeFileSync(join(from, 'ENV'), `${read('shop', 'ENV')}MINE=1\n`);
    writeFileSync(join(to, 'ENV'), 'THEIRS=2\n');
    const [vaultLine, safeLine] = read('shop', 'ADDONS').split('\n');
    expect(await addons.rename('shop', 'store')).toMatchObject({
      outcome: 'done',
      directory: false,
      moved: ['vault', 'safe'],
    });
    expect([read('shop', 'ADDONS'), read('shop', 'ENV'), names('shop')]).toEqual(['', 'MINE=1\n', '']);
    expect([read('store', 'ADDONS'), read('store', 'ENV'), names('store')]).toEqual([
      `other;9;x\n${vaultLine}\n${safeLine}\n`,
      'THEIRS=2\n',
      'vault;DATABASE_URL\n',
    ]);
    expect([ledger('vault'), ledger('safe'), unprovisioned(made), journal()]).toEqual([
      [ids.vault],
      [ids.safe],
      [],
      [],
    ]);
    expect(await addons.rename('shop', 'store')).toMatchObject({ outcome: 'unchanged' });
  });

  it('the new app gets its variables by its next release', async () => {
    const { addons, app, read } = await world();
    const before = read('shop', 'ENV');
    app('store');
    await addons.rename('shop', 'store');
    await addons.release('store');
    for (const line of before.trim().split('\n')) expect(read('store', 'ENV')).toContain(line);
    expect((await addons.check()).findings).toEqual([]);
  });

  it('what is in the trash goes along', async () => {
    const { addons, app, ids } = await world();
    await addons.remove('shop', 'vault', { keepFor: 60 });
    app('store');
    expect((await addons.rename('shop', 'store', { dryRun: true })).steps).toContainEqual(
      expect.stringContaining(ids.vault),
    );
    await addons.rename('shop', 'store');
    expect(await addons.trash()).toMatchObject([{ app: 'store', id: ids.vault }]);
    expect(await addons.undo('store', 'vault')).toMatchObject({ id: ids.vault });
  });

  it('is refused, and nothing moves, where the new app has one of them already', async () => {
    const { addons, app, read, journal } = await world();
    app('store', 'safe;mine;x\n');
    const before = read('shop', 'ADDONS');
    expect(await failure(addons.rename('shop', 'store'))).toMatchObject({
      code: 'conflict',
      message: 'store has safe already: nothing was moved.',
      hint: expect.stringContaining('addons remove store safe --keep-for 7d'),
    });
    expect([read('shop', 'ADDONS'), read('store', 'ADDONS'), journal()]).toEqual([before, 'safe;mine;x\n', []]);
  });

  it('is refused while the app has two lines of an add-on', async () => {
    const { addons, app } = await world();
    app('shop', 'vault;1;\nvault;2;\n');
    app('store');
    expect(await failure(addons.rename('shop', 'store'))).toMatchObject({ code: 'conflict' });
  });

  it.each(['before the line moved', 'after it was in both'])('that died %s goes on', async (when) => {
    const made = await world();
    const { addons, app, read, names, ids } = made;
    app('store', when === 'before the line moved' ? undefined : `vault;${ids.vault};hunter2-shop\n`);
    const { dev, ino, birthtimeNs } = statSync(addons.platform.appDir('store'), { bigint: true });
    const to = { name: 'store', key: `${dev}-${ino}-${birthtimeNs}` };
    leave(addons, { kind: 'move', addon: 'vault', app: 'shop', resource: ids.vault, owner: dead(), more: { to } });
    // Whoever changes either of the two comes by it.
    expect(await addons.add('store', 'vault')).toMatchObject({ outcome: 'unchanged', id: ids.vault });
    expect(read('store', 'ADDONS')).toBe(`vault;${ids.vault};hunter2-shop\n`);
    expect([read('shop', 'ADDONS').includes('vault'), read('shop', 'ENV').includes('VAULT')]).toEqual([false, false]);
    expect(await addons.rename('shop', 'store')).toMatchObject({ outcome: 'done', moved: ['safe'] });
    expect([names('shop'), unprovisioned(made)]).toEqual(['', []]);
  });

  it('waits for what is under way on either', async () => {
    const { addons, app, open, install, begun } = await world();
    app('store');
    install('safe', { unprovision: 'sleep 0.4' });
    const removing = addons.remove('shop', 'safe');
    await begun();
    expect(await failure(open().rename('shop', 'store', { wait: 0 }))).toMatchObject({ code: 'busy' });
    await removing;
    expect(await addons.rename('shop', 'store')).toMatchObject({ outcome: expect.stringMatching(/done|unchanged/) });
  });
});

describe('the extra names of what moves', () => {
  it.each([
    ['ENV of the new app sets to something else', 'ENV', "export DATABASE_URL='mine'\n"],
    ['another add-on of the new app has', 'ADDONS.env', 'other;DATABASE_URL\n'],
  ] as const)('are refused, and nothing moves, where %s', async (_, file, text) => {
    const { addons, app, read, names, journal } = await world();
    const to = app('store', 'other;9;x\n');
    writeFileSync(join(to, file), text, { mode: 0o600 });
    const before = [read('shop', 'ADDONS'), read('shop', 'ENV'), names('shop')];
    for (const dryRun of [true, false]) {
      expect(await failure(addons.rename('shop', 'store', { dryRun }))).toMatchObject({
        code: 'conflict',
        hint: expect.stringContaining('DATABASE_URL'),
        details: { app: 'store', addon: 'vault' },
      });
    }
    expect([read('shop', 'ADDONS'), read('shop', 'ENV'), names('shop')]).toEqual(before);
    expect([read('store', 'ADDONS'), journal(), readFileSync(join(to, file), 'utf8')]).toEqual([
      'other;9;x\n',
      [],
      text,
    ]);
  });

  it('may be set by a copy of the old ENV', async () => {
    const { addons, app, read, names } = await world();
    writeFileSync(join(app('store'), 'ENV'), read('shop', 'ENV'));
    expect(await addons.rename('shop', 'store')).toMatchObject({ outcome: 'done', moved: ['vault', 'safe'] });
    expect(names('store')).toBe('vault;DATABASE_URL\n');
  });

  it('are in the journal, so that nobody takes them meanwhile', async () => {
    const { app, open } = await world();
    app('store');
    const seen: unknown[] = [];
    const disk: Disk = {
      ...nodeDisk,
      createFile: async (path, bytes, owner) => {
        if (path.endsWith('/op')) seen.push(JSON.parse(String(bytes)).env);
        await nodeDisk.createFile(path, bytes, owner);
      },
    };
    await open({ disk }).rename('shop', 'store');
    expect(seen).toEqual([['DATABASE_URL'], undefined]);
  });

  it('are left out by a recovery that comes too late to refuse', async () => {
    const { addons, app, names, read, ids, journal } = await world();
    const to = app('store');
    writeFileSync(join(to, 'ENV'), "export DATABASE_URL='mine'\n");
    leave(addons, { kind: 'move', addon: 'vault', app: 'shop', resource: ids.vault, more: { to: keyed(to) } });
    await addons.release('store');
    expect([names('store'), journal()]).toEqual(['', []]);
    expect(read('store', 'ENV')).toContain("export DATABASE_URL='mine'\n");
    expect(read('store', 'ADDONS')).toContain(ids.vault);
  });
});

it('moves the line of an add-on that is not enabled', async () => {
  const { addons, app, read } = await world();
  app('old', 'gone;g1;pw\n');
  app('store');
  expect(await addons.rename('old', 'store')).toMatchObject({ outcome: 'done', moved: ['gone'] });
  expect([read('old', 'ADDONS'), read('store', 'ADDONS')]).toEqual(['', 'gone;g1;pw\n']);
});

it('moves nothing of an add-on that is being disabled', async () => {
  const { addons, app, read } = await world();
  app('store');
  leave(addons, { kind: 'disable', addon: 'safe', owner: currentProcess() });
  expect(await failure(addons.rename('shop', 'store', { wait: 0 }))).toMatchObject({ code: 'busy' });
  expect(read('shop', 'ADDONS')).toContain('safe;');
});

it('a name that nobody has heard of is no rename that is done', async () => {
  const { addons, app } = await world();
  app('store');
  expect(await failure(addons.rename('shpo', 'store'))).toMatchObject({ code: 'app-not-found' });
});

it('two names of one directory are told at once', async () => {
  const { addons, read } = await world();
  symlinkSync(addons.platform.appDir('shop'), addons.platform.appDir('alias'));
  const before = read('shop', 'ADDONS');
  expect(await failure(addons.rename('shop', 'alias'))).toMatchObject({
    code: 'conflict',
    message: 'shop and alias are one directory: there is nothing to move.',
  });
  expect(read('shop', 'ADDONS')).toBe(before);
  expect((await addons.check()).findings.map(({ kind }) => kind)).not.toContain('duplicate-id');
});

it.each([true, false])('the log tells of it under both names (the new one is free: %s)', async (free) => {
  const { addons, app } = await world();
  if (!free) app('store');
  await addons.rename('shop', 'store');
  for (const name of ['shop', 'store']) {
    const told = (await collect(addons.log({ name }))).filter(({ what }) => what === 'rename');
    expect(told.map(({ addon }) => addon)).toEqual(free ? [undefined] : ['vault', 'safe']);
    if (!free) for (const { operation } of told) expect(operation).toBeTruthy();
  }
});

const keyed = (dir: string) => {
  const { dev, ino, birthtimeNs } = statSync(dir, { bigint: true });
  return { name: basename(dir), key: `${dev}-${ino}-${birthtimeNs}` };
};

it('refuses wrong names', async () => {
  const { addons } = await world();
  expect(await failure(addons.rename('shop', 'shop'))).toMatchObject({ code: 'usage' });
  expect(await failure(addons.rename('shop', '../x'))).toMatchObject({ code: 'usage' });
  expect(await failure(addons.rename('shop', '.hidden'))).toMatchObject({ code: 'usage' });
  expect(await failure(addons.rename('shpo', 'store'))).toMatchObject({
    code: 'app-not-found',
    message: expect.stringContaining('Did you mean "shop"?'),
  });
});

it('refuses a name that a file has', async () => {
  const { addons, home } = await world();
  writeFileSync(join(home, 'apps/store'), '');
  await failure(addons.rename('shop', 'store'));
  expect(await addons.apps()).toEqual(['shop']);
});

it.each(['free', 'made'])('a dry run changes nothing where the new name is %s', async (which) => {
  const { addons, app, tree } = await world();
  if (which === 'made') app('store');
  const before = tree();
  const { outcome, steps, moved } = await addons.rename('shop', 'store', { dryRun: true });
  expect([outcome, steps.length > 0, moved]).toEqual(['planned', true, ['vault', 'safe']]);
  expect(tree()).toEqual(before);
});

it('takes an ADDONS that cannot be read along with the directory, but moves nothing out of it', async () => {
  const { addons, app } = await world();
  const file = join(app('shop'), 'ADDONS');
  rmSync(file);
  symlinkSync('/dev/null', file);
  expect(await addons.rename('shop', 'store')).toMatchObject({ directory: true });
  app('third');
  expect(await failure(addons.rename('store', 'third'))).toMatchObject({ code: 'malformed' });
});
