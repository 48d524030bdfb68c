import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { currentProcess } from '../../../lib/state/process-identity.ts';
import { leave } from '../journal.ts';
import { failure, platform } from '../world.ts';

// Recovery looks again where the dead one may not have: its entry alone proves nothing.

const keyOf = (dir: string) => {
  const { dev, ino, birthtimeNs } = statSync(dir, { bigint: true });
  return `${dev}-${ino}-${birthtimeNs}`;
};

it('an emptying that died before its look destroys nothing that a line holds', async () => {
  const { addons, app, enable, ledger, read, journal } = platform();
  await enable('vault');
  const dir = app('shop');
  const { id = '' } = await addons.add('shop', 'vault');
  const line = read('shop', 'ADDONS');
  await addons.remove('shop', 'vault', { keepFor: 1000 });
  const [item] = await addons.trash();
  const key = keyOf(dir);
  // Deleted and made again; an undo has written its line there and not yet deleted the record.
  renameSync(dir, `${dir}-old`);
  app('shop', line);
  rmSync(`${dir}-old`, { recursive: true });
  const trashed = item?.operation ?? '';
  leave(addons, { kind: 'empty', addon: 'vault', resource: id, more: { app: { name: 'shop', key }, trashed } });
  leave(addons, { kind: 'undo', addon: 'vault', app: 'shop', resource: id, more: { trashed } });
  await addons.check({ fix: true });
  expect(read('shop', 'ADDONS')).toBe(line);
  expect(ledger('vault')).toEqual([id]);
  expect(journal()).toEqual([]);
  expect(await addons.trash()).toEqual([]);
});

it('a record whose resource a line holds is dropped, and nothing is destroyed', async () => {
  const { addons, app, enable, ledger, read } = platform();
  await enable('vault');
  app('shop');
  const { id = '' } = await addons.add('shop', 'vault');
  const line = read('shop', 'ADDONS');
  await addons.remove('shop', 'vault', { keepFor: 1 });
  app('shop', line);
  for await (const end of addons.emptyTrash()) expect(end).toMatchObject({ outcome: 'unchanged' });
  expect(ledger('vault')).toEqual([id]);
  expect(await addons.trash()).toEqual([]);
});

it('a move whose target is gone since leaves no variable behind', async () => {
  const { addons, app, enable, read, journal } = platform();
  await enable('vault');
  const dir = app('shop');
  const target = app('other');
  const { id = '' } = await addons.add('shop', 'vault');
  await addons.release('shop');
  leave(addons, {
    kind: 'move',
    addon: 'vault',
    app: 'shop',
    resource: id,
    more: { to: { name: 'other', key: keyOf(target) } },
  });
  writeFileSync(join(dir, 'ADDONS'), '');
  rmSync(target, { recursive: true });
  await addons.check({ fix: true });
  expect(read('shop', 'ENV')).not.toContain('VAULT');
  expect(journal()).toEqual([]);
});

it('a line does not move while its add-on is being disabled', async () => {
  const { addons, app, enable, read } = platform();
  await enable('vault');
  app('shop');
  app('other');
  await addons.add('shop', 'vault');
  leave(addons, { kind: 'disable', addon: 'vault', owner: currentProcess() });
  expect(await failure(addons.rename('shop', 'other'))).toMatchObject({ code: 'busy' });
  expect(read('other', 'ADDONS')).toBe('');
  expect(read('shop', 'ADDONS')).toContain('vault;');
});

it('an adoption that died after its line is not provisioned once more', async () => {
  const { addons, app, enable, read } = platform();
  await enable('vault');
  app('shop', 'vault;v1;pw\n');
  const runs = [{ script: 'provision' }];
  const operation = leave(addons, { kind: 'add', addon: 'vault', app: 'shop', owner: null, quarantine: 'x', runs });
  expect(await addons.resolve(operation, 'retry')).toMatchObject({
    outcome: 'done',
    message: expect.stringContaining('v1'),
  });
  expect(read('shop', 'ADDONS')).toBe('vault;v1;pw\n');
});
