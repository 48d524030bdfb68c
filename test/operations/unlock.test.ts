import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { currentProcess, type ProcessIdentity } from '../../lib/state/process-identity.ts';
import { dead, foreign, leave } from './journal.ts';
import { failure, platform, type World } from './world.ts';

it('tells what is held, by whom and since when', async () => {
  const { addons, app } = platform();
  app('shop');
  const alive = leave(addons, { kind: 'add', addon: 'db', app: 'shop', owner: currentProcess() });
  const gone = leave(addons, { kind: 'enable', addon: 'db', owner: dead() });
  leave(addons, { kind: 'disable', addon: 'db', owner: null });
  holdLock({ addons }, 'addon-db', foreign());
  const { held, freed } = await addons.unlock();
  expect(freed).toEqual([]);
  expect(held).toMatchObject([
    { name: 'lock addon-db', key: 'addon-db', pid: 4711, owner: 'unknown', since: '2026-01-02T03:04:05.678Z' },
    { name: 'add of db for shop', key: alive, pid: process.pid, owner: 'alive', since: '2026-01-02T03:04:05.678Z' },
    { name: 'enable of db', key: gone, owner: 'dead' },
  ]);
});

it('frees nothing that a living process holds', async () => {
  const { addons } = platform();
  const key = leave(addons, { kind: 'enable', addon: 'db', owner: currentProcess() });
  expect(await failure(addons.unlock(key))).toMatchObject({
    code: 'busy',
    message: `enable of db is held by process ${process.pid}, which is alive (since 2026-01-02T03:04:05.678Z).`,
  });
});

it('knows when nothing of that name is held', async () => {
  const { addons } = platform();
  expect(await failure(addons.unlock('nothing'))).toMatchObject({ code: 'resource-not-found' });
  expect(await addons.unlock()).toEqual({ held: [], freed: [] });
});

it('frees a lock of another machine, which kept everybody out', async () => {
  const world = platform();
  const { addons, install } = world;
  install('vault');
  holdLock(world, 'addon-vault', foreign());
  const error = await failure(addons.enable('vault', { wait: 0.1 }));
  expect(error).toMatchObject({ code: 'busy', message: expect.stringContaining('pid 4711, since 2026-01-02') });
  expect(error.hint).toContain('addons unlock addon-vault');
  expect(await addons.unlock('addon-vault')).toMatchObject({ freed: ['addon-vault'] });
  expect(await addons.enable('vault')).toMatchObject({ outcome: 'done' });
});

it('frees an operation of another machine, which is then recovered', async () => {
  const { addons, app, enable, journal, read } = platform();
  await enable('vault');
  app('shop');
  const runs = [{ script: 'provision', out: 'v1;x\n', status: 0, claim: foreign() }];
  const key = leave(addons, { kind: 'add', addon: 'vault', app: 'shop', owner: foreign(), runs });
  expect(await failure(addons.add('shop', 'vault', { wait: 0 }))).toMatchObject({ code: 'busy' });
  expect(await addons.unlock(key)).toMatchObject({ freed: [key] });
  expect(await addons.add('shop', 'vault')).toMatchObject({ outcome: 'unchanged', id: 'v1' });
  expect([read('shop', 'ADDONS'), journal()]).toEqual(['vault;v1;x\n', []]);
});

it('frees an operation of another machine whose script never told its end', async () => {
  const { addons, app, enable, journal, ran } = platform();
  await enable('vault');
  app('shop');
  const runs = [{ script: 'provision', out: 'v1;x\n', claim: foreign() }];
  const key = leave(addons, { kind: 'add', addon: 'vault', app: 'shop', owner: foreign(), runs });
  await addons.unlock(key);
  expect(await addons.add('shop', 'vault', { wait: 1 })).toMatchObject({ outcome: 'done' });
  expect(ran('vault')).toContain('unprovision v1');
  expect(journal()).toEqual([]);
});

/** An owner file as a lock's holder writes it. */
function holdLock({ addons }: Pick<World, 'addons'>, key: string, { boot, pid, machine }: ProcessIdentity) {
  const lock = join(addons.platform.locks, `${key}.lock`);
  mkdirSync(lock, { recursive: true, mode: 0o700 });
  const since = Date.parse('2026-01-02T03:04:05.678Z');
  writeFileSync(join(lock, `o-${boot.replace(/[^0-9a-f-]/g, '')}-${pid}-1-${machine}-1-${since}-abc`), '');
}
