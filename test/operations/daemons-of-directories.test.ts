import { chmodSync, cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { daemonProcesses, processesOf, served, when } from './daemons-world.ts';
import { failure, type World } from './world.ts';

// Real runit, as in daemons.test.ts: a server for each resource, which its scripts start and end.

const TOML =
  '[addon]\nversion = "1"\n[config]\nsize = 1\n[daemons.server]\ncommand = ["./server"]\neach = "servers"\nstop_signal = "INT"\nstop_timeout = 5\n';
const TEND = 'sh -c "$ADDONS_COMMAND tend $ADDON --quiet" >&2';
const FILES = {
  'addon.toml': TOML,
  server: `trap 'echo "told $ADDON_INSTANCE"; exit' INT
echo "ready $ADDON_INSTANCE"
while :; do sleep 0.1; done`,
  list: 'ls "$ADDON_DATA/servers" 2>/dev/null || :',
  url: 'echo "cache://$1"',
  provision: `mkdir -p "$ADDON_DATA/servers/$1" && : >"$ADDON_DATA/servers/$1/daemon" && ${TEND} && echo "$1;"`,
  unprovision: `rm -rf "$ADDON_DATA/servers/$1" && ${TEND}`,
};

/** The add-on of this version, as a directory to install. */
function version({ home }: World, number: string): string {
  const root = join(home, `source-${number}`, 'cache');
  cpSync(join(import.meta.dirname, '../fixtures/add-ons/vault'), root, { recursive: true });
  const files = { ...FILES, 'addon.toml': TOML.replace('"1"', `"${number}"`) };
  for (const [name, text] of Object.entries(files)) {
    const isScript = name !== 'addon.toml';
    writeFileSync(join(root, name), isScript ? `#!/bin/sh\nset -eu\n${text}\n` : text);
    if (isScript) chmodSync(join(root, name), 0o755);
  }
  return root;
}

const instances = async ({ addons }: World) => (await addons.daemons('cache')).map(({ instance }) => instance);

it('come and go with them, and leave each other alone', async () => {
  const world = served();
  const { addons } = world;
  await world.enable('cache', FILES);
  expect(await addons.daemons()).toEqual([]);
  for (const app of ['blog', 'shop']) world.app(app);
  await addons.add('shop', 'cache');
  const [shop] = await addons.daemons('cache');
  expect(shop).toMatchObject({ daemon: 'server', instance: 'shop', state: 'running' });
  await addons.add('blog', 'cache');
  for (const app of ['blog', 'shop']) await addons.release(app);
  expect(await addons.daemons('cache')).toMatchObject([{ instance: 'blog', state: 'running' }, shop]);
  expect(await addons.check()).toMatchObject({ findings: [] });
  process.kill(Number(shop?.pid), 'SIGKILL');
  await when(world, 'cache', (states) => states.every(({ state, pid }) => state === 'running' && pid !== shop?.pid));
  await addons.remove('shop', 'cache');
  expect(await instances(world)).toEqual(['blog']);
  await addons.remove('blog', 'cache');
  await addons.disable('cache');
  expect(await addons.daemons()).toEqual([]);
  expect(daemonProcesses(world)).toEqual([]);
  expect(processesOf(addons.platform.services)).toEqual([]);
}, 60_000);

it('go on through an update and a change of the configuration, and have no swap', async () => {
  const world = served();
  const { addons } = world;
  await addons.install(version(world, '1'));
  await addons.enable('cache');
  world.app('shop');
  await addons.add('shop', 'cache');
  await addons.release('shop');
  const before = await addons.daemons('cache');
  const next = version(world, '2');
  expect(await failure(addons.swap(next))).toMatchObject({
    code: 'conflict',
    hint: expect.stringContaining('install'),
  });
  await addons.install(next, { force: true });
  mkdirSync(dirname(addons.platform.addonOverrides('cache')), { recursive: true });
  writeFileSync(addons.platform.addonOverrides('cache'), '[config]\nsize = 7\n');
  await addons.enable('cache', { again: true });
  expect(await addons.daemons('cache')).toEqual(before);
  expect(await addons.check()).toMatchObject({ findings: [] });
}, 60_000);

it('whose directory a disable leaves without its file end with it', async () => {
  const world = served();
  const { addons } = world;
  await world.enable('cache', { ...FILES, disable: 'rm -f "$ADDON_DATA"/servers/*/daemon', unprovision: '' });
  world.app('shop');
  await addons.add('shop', 'cache');
  await addons.remove('shop', 'cache');
  expect(await instances(world)).toEqual(['shop']);
  await addons.disable('cache');
  expect(await addons.daemons()).toEqual([]);
  expect(existsSync(join(addons.platform.addonData('cache'), 'servers/shop'))).toBe(true);
  expect(processesOf(addons.platform.services)).toEqual([]);
}, 60_000);
