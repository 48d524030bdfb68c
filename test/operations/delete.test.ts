import { expect, it } from 'vitest';
import { leave } from './journal.ts';
import { failure, listener, platform } from './world.ts';

it('removes everything the app has', async () => {
  const { addons, app, enable, ledger, read } = platform();
  await enable('one');
  await enable('two');
  app('shop');
  await addons.add('shop', 'one');
  await addons.add('shop', 'two');
  const { outcome, removed } = await addons.delete('shop');
  expect([outcome, removed.map(({ addon, outcome: end }) => `${addon} ${end}`)]).toEqual([
    'done',
    ['one done', 'two done'],
  ]);
  expect([ledger('one'), ledger('two'), read('shop', 'ADDONS')]).toEqual([[], [], '']);
});

it('goes on after a failure, and names every one', async () => {
  const { addons, app, enable, read } = platform();
  await enable('one', { unprovision: 'echo stuck >&2; exit 1' });
  await enable('two');
  app('shop');
  await addons.add('shop', 'one');
  await addons.add('shop', 'two');
  const line = read('shop', 'ADDONS').split('\n')[0];
  const error = await failure(addons.delete('shop'));
  expect(error).toMatchObject({
    code: 'script-failed',
    message: expect.stringMatching(/^shop still has resources: unprovision of one failed .* stuck$/),
    details: { app: 'shop', failures: [{ code: 'script-failed' }] },
  });
  expect(read('shop', 'ADDONS')).toBe(`${line}\n`);
});

it('keeps malformed lines, and warns of them', async () => {
  const { addons, app, enable, read } = platform();
  const { events, onProgress } = listener();
  await enable('one');
  const dir = app('shop', 'what is this\n');
  await addons.add('shop', 'one');
  expect(await addons.delete('shop', { onProgress })).toMatchObject({ outcome: 'done' });
  expect(read('shop', 'ADDONS')).toBe('what is this\n');
  expect(events).toContainEqual({
    type: 'warning',
    message: `Line 1 of ${dir}/ADDONS stays: 0 semicolons instead of 2.`,
  });
});

it('changes nothing for an app that has nothing', async () => {
  const { addons, app } = platform();
  app('shop');
  expect(await addons.delete('shop')).toEqual({ app: 'shop', outcome: 'unchanged', removed: [], steps: [] });
  expect(await failure(addons.delete('shpo'))).toMatchObject({ code: 'app-not-found' });
});

it('counts what the recovery of an interrupted remove took away', async () => {
  const { addons, app, enable, ledger, journal } = platform();
  await enable('one');
  app('shop');
  const { id = '' } = await addons.add('shop', 'one');
  leave(addons, { kind: 'remove', addon: 'one', app: 'shop', resource: id });
  expect(await addons.delete('shop')).toMatchObject({ outcome: 'done', removed: [{ addon: 'one', id }] });
  expect([ledger('one'), journal()]).toEqual([[], []]);
});

it('removes what the recovery of an interrupted add brought', async () => {
  const { addons, app, enable, read, ran, journal } = platform();
  await enable('one');
  app('shop');
  leave(addons, {
    kind: 'add',
    addon: 'one',
    app: 'shop',
    runs: [{ script: 'provision', out: 'late;x\n', status: 0 }],
  });
  expect(await addons.delete('shop')).toMatchObject({ removed: [{ id: 'late' }] });
  expect([read('shop', 'ADDONS'), ran('one').at(-1), journal()]).toEqual(['', 'unprovision late', []]);
});

it('fails while an operation of the app needs a person', async () => {
  const { addons, app, enable } = platform();
  await enable('one');
  app('shop');
  leave(addons, { kind: 'add', addon: 'one', app: 'shop', quarantine: 'look at it' });
  expect(await failure(addons.delete('shop'))).toMatchObject({ code: 'quarantined' });
});

it('stops at an abort', async () => {
  const { addons, app, enable, read } = platform();
  await enable('one');
  app('shop');
  await addons.add('shop', 'one');
  const before = read('shop', 'ADDONS');
  expect(await failure(addons.delete('shop', { signal: AbortSignal.abort() }))).toMatchObject({ code: 'aborted' });
  expect(read('shop', 'ADDONS')).toBe(before);
});

it('leaves alive what is marked as kept, and what is in the trash', async () => {
  const { addons, app, enable, ledger, read } = platform();
  await enable('one');
  await enable('two');
  app('shop');
  const { id: kept = '' } = await addons.add('shop', 'one');
  await addons.adopt('shop', 'one', { id: kept, private: '' }, { keep: true });
  const { id: trashed = '' } = await addons.add('shop', 'two');
  await addons.remove('shop', 'two', { keepFor: 60 });
  const { id: doomed = '' } = await addons.add('shop', 'two');
  expect((await addons.delete('shop')).removed).toMatchObject([
    { addon: 'one', id: kept, resource: 'kept' },
    { addon: 'two', id: doomed, resource: 'destroyed' },
  ]);
  expect([ledger('one'), ledger('two'), read('shop', 'ADDONS')]).toEqual([[kept], [trashed], '']);
  expect(await addons.trash()).toMatchObject([{ id: trashed }]);
});

it('tells what an interrupted remove put in the trash as that', async () => {
  const { addons, app, enable, ledger } = platform();
  await enable('one');
  app('shop');
  const { id = '' } = await addons.add('shop', 'one');
  const more = { spare: { trash: '2999-01-01T00:00:00.000Z' } };
  leave(addons, { kind: 'remove', addon: 'one', app: 'shop', resource: id, more });
  expect(await addons.delete('shop')).toMatchObject({ outcome: 'done', removed: [{ id, resource: 'in-trash' }] });
  expect(ledger('one')).toEqual([id]);
});
