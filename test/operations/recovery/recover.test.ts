import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { currentProcess } from '../../../lib/state/process-identity.ts';
import { dead, leave } from '../journal.ts';
import { failure, listener, platform } from '../world.ts';

it('quarantines an operation whose add-on is no longer installed', async () => {
  const { addons, app, journal } = platform();
  app('shop', 'gone;1;x\n');
  const id = leave(addons, { kind: 'remove', addon: 'gone', app: 'shop', resource: '1' });
  expect(await failure(addons.release('shop'))).toMatchObject({
    code: 'quarantined',
    message: 'An earlier remove of gone for shop needs a person: the add-on gone is no longer installed.',
  });
  expect(readFileSync(join(addons.platform.journal, id, 'quarantine'), 'utf8')).toContain('no longer installed');
  expect(journal()).toEqual([id]);
});

it('goes on with a remove whose unprovision had succeeded, without running it again', async () => {
  const { addons, app, enable, read, ran, journal } = platform();
  await enable('vault');
  app('shop', 'vault;v1;x\n');
  writeFileSync(join(addons.platform.appDir('shop'), 'ENV'), "export X_VAULT_URL='x'\n");
  const runs = [{ script: 'unprovision', argument: 'v1', status: 0 }];
  leave(addons, { kind: 'remove', addon: 'vault', app: 'shop', resource: 'v1', runs });
  expect(await addons.remove('shop', 'vault')).toMatchObject({ outcome: 'done', id: 'v1' });
  expect([read('shop', 'ADDONS'), read('shop', 'ENV'), ran('vault'), journal()]).toEqual(['', '', ['enable'], []]);
});

it('keeps the line of a remove whose unprovision had failed, says so, and starts the new remove', async () => {
  const { addons, app, enable, read, journal } = platform();
  const { events, onProgress } = listener();
  await enable('vault');
  app('shop', 'vault;v1;x\n');
  const runs = [{ script: 'unprovision', argument: 'v1', status: 1 }];
  leave(addons, { kind: 'remove', addon: 'vault', app: 'shop', resource: 'v1', runs });
  expect(await addons.release('shop', { onProgress })).toMatchObject({ configVars: ['X_VAULT_URL'] });
  expect(events).toContainEqual({
    type: 'warning',
    message: 'unprovision of vault failed with exit status 1; the line of v1 stays in ADDONS of shop.',
  });
  expect([read('shop', 'ADDONS'), journal()]).toEqual(['vault;v1;x\n', []]);
});

it('keeps a remove in the journal while its unprovision dies', async () => {
  const { addons, app, enable, journal } = platform();
  await enable('vault', { unprovision: 'kill -9 $$' });
  app('shop', 'vault;v1;x\n');
  expect(await failure(addons.remove('shop', 'vault'))).toMatchObject({ code: 'script-failed' });
  expect(journal()).toHaveLength(1);
  expect(await failure(addons.remove('shop', 'vault'))).toMatchObject({ code: 'script-failed' });
  expect(journal()).toHaveLength(1);
});

it('finishes an interrupted enable before an add', async () => {
  const { addons, app, install, journal, ran } = platform();
  install('vault');
  app('shop');
  leave(addons, { kind: 'enable', addon: 'vault' });
  expect(await addons.add('shop', 'vault')).toMatchObject({ outcome: 'done' });
  expect([ran('vault'), journal()]).toEqual([['enable', 'provision shop'], []]);
});

it('takes the marker of an interrupted enable for what it says', async () => {
  const { addons, app, enable, journal, ran } = platform();
  await enable('vault');
  app('shop');
  leave(addons, { kind: 'enable', addon: 'vault', runs: [{ script: 'enable', status: 0 }] });
  await addons.add('shop', 'vault');
  expect(await addons.enable('vault')).toMatchObject({ outcome: 'unchanged' });
  expect([ran('vault'), journal()]).toEqual([['enable', 'provision shop'], []]);
});

it('forgets a disable that had not begun, and goes on with one that had', async () => {
  const { addons, app, enable, journal, ran } = platform();
  await enable('vault');
  app('shop');
  leave(addons, { kind: 'disable', addon: 'vault' });
  await addons.add('shop', 'vault');
  expect([ran('vault'), journal()]).toEqual([['enable', 'provision shop'], []]);
  await addons.remove('shop', 'vault');
  leave(addons, { kind: 'disable', addon: 'vault', starting: true });
  expect(await failure(addons.add('shop', 'vault'))).toMatchObject({ code: 'not-enabled' });
  expect([ran('vault').at(-1), journal(), existsSync(addons.platform.marker('vault'))]).toEqual(['disable', [], false]);
});

it('removes what dead processes were building or deleting in the journal, not what living ones are', async () => {
  const { addons, install, journal } = platform();
  install('vault');
  leave(addons, { kind: 'enable', addon: 'vault' });
  const { pid, start } = currentProcess();
  const living = `tmp.${pid}-${start}.x.abc`;
  for (const name of [`tmp.${dead().pid}-1.x.abc`, living, 'tmp.by-hand'])
    mkdirSync(join(addons.platform.journal, name));
  await addons.enable('vault');
  expect(journal()).toEqual(['tmp.by-hand', living].sort());
});

it('is done once when several find the same operation', async () => {
  const { addons, app, enable, ran, journal, open } = platform();
  await enable('vault', { provision: 'echo "provision $1" >>"$ADDON_DATA/ran"; sleep 0.2; echo "v1;x"' });
  app('shop');
  leave(addons, { kind: 'add', addon: 'vault', app: 'shop', runs: [{ script: 'provision' }] });
  const results = await Promise.all([0, 1, 2].map(() => open().add('shop', 'vault')));
  expect(results.map(({ outcome, id }) => `${outcome} ${id}`)).toEqual(Array(3).fill('unchanged v1'));
  expect([ran('vault'), journal()]).toEqual([['enable', 'provision shop'], []]);
});

it('refuses everything on an app while its entry cannot be read, naming the file', async () => {
  const { addons, app, enable } = platform();
  await enable('vault');
  app('shop');
  mkdirSync(join(addons.platform.journal, 'damaged'));
  writeFileSync(join(addons.platform.journal, 'damaged/op'), '{"version":2}');
  expect(await failure(addons.add('shop', 'vault'))).toMatchObject({
    code: 'malformed',
    message: expect.stringContaining('journal/damaged cannot be read'),
  });
});

it.each([
  ['a remove', 'resource', { kind: 'remove' }],
  ['an undo', 'trash record', { kind: 'undo', resource: 'v1' }],
  ['a move', 'target', { kind: 'move', resource: 'v1' }],
] as const)('leaves %s whose entry names no %s to a person, who can discard it', async (_, what, left) => {
  const { addons, app, enable, journal } = platform();
  await enable('vault');
  app('shop');
  const operation = leave(addons, { ...left, addon: 'vault', app: 'shop' });
  await addons.check({ fix: true });
  expect(await addons.inspect(operation)).toMatchObject({
    state: 'quarantined',
    reason: `its op file names no ${what}`,
  });
  await addons.resolve(operation, 'discard');
  expect(journal()).toEqual([]);
});
