import { rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { failure, platform, type World } from './world.ts';

/** An app whose user has put a link where ADDONS belongs. */
function brokenApp({ app }: World) {
  symlinkSync('/dev/null', join(app('broken'), 'ADDONS'));
}

it("is no reason to refuse another app's add, list or info", async () => {
  const world = platform();
  const { addons, app, enable } = world;
  await enable('vault');
  brokenApp(world);
  app('shop');
  expect(await addons.add('shop', 'vault')).toMatchObject({ outcome: 'done' });
  expect((await addons.info('vault')).apps).toEqual(['shop']);
  expect((await addons.addons()).find(({ name }) => name === 'vault')?.apps).toEqual(['shop']);
  const all = [];
  for await (const one of addons.listAll()) all.push(one);
  expect(all.map(({ app: name, resources, malformed }) => [name, resources.length, malformed.length])).toEqual([
    ['broken', 0, 1],
    ['shop', 1, 0],
  ]);
  expect(await addons.remove('shop', 'vault')).toMatchObject({ outcome: 'done' });
});

it.each(['ADDONS', 'ADDONS.env', 'ENV'])('a huge %s of one app stops nobody else', async (file) => {
  const { addons, app, enable } = platform();
  await enable('vault');
  app('shop');
  const path = join(app('broken', 'vault;x;y\n'), file);
  for (const size of [600 * 1024 ** 2, 6 * 1024 ** 3]) {
    rmSync(path, { force: true });
    writeFileSync(path, '');
    truncateSync(path, size);
    const { apps } = await addons.status();
    expect(apps.map((one) => one.app)).toEqual(['broken', 'shop']);
    expect(await addons.add('shop', 'vault')).toMatchObject({ outcome: 'done' });
    expect(await addons.remove('shop', 'vault')).toMatchObject({ outcome: 'done' });
    expect(await failure(addons.release('broken'))).toMatchObject({ code: 'malformed' });
  }
});

it('keeps what a failed provision told of from being destroyed: it may be in use there', async () => {
  const world = platform();
  const { addons, app, enable, ledger } = world;
  await enable('vault', { provision: 'touch "$ADDON_DATA/ledger/one"; echo "one;x"; exit 1' });
  brokenApp(world);
  app('shop');
  expect(await failure(addons.add('shop', 'vault'))).toMatchObject({ code: 'quarantined' });
  expect(ledger('vault')).toEqual(['one']);
});

it('that holds the same id as another app stops the removal for either', async () => {
  const { addons, app, enable, read, ledger } = platform();
  await enable('vault');
  app('shop');
  const { id } = await addons.add('shop', 'vault');
  app('thief', `vault;${id};guess\n`);
  for (const options of [{}, { dryRun: true }]) {
    expect(await failure(addons.remove('thief', 'vault', options))).toMatchObject({ code: 'conflict' });
    expect(await failure(addons.remove('shop', 'vault', options))).toMatchObject({ code: 'conflict' });
  }
  expect(ledger('vault')).toEqual([id]);
  expect(read('shop', 'ADDONS')).toContain(`vault;${id};`);
});

it('never shows a secret of the configuration', async () => {
  const { addons, app, enable } = platform();
  await enable('vault', { provision: 'echo "cannot log in with $ADDON_CONFIG_ADMIN_PASSWORD" >&2; exit 1' });
  app('shop');
  const error = await failure(addons.add('shop', 'vault'));
  expect(error.message).toContain('cannot log in with [redacted]');
  expect(JSON.stringify(error.details)).not.toContain('open-sesame');
});
