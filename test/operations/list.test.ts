import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { leave } from './journal.ts';
import { collect, failure, platform } from './world.ts';

it('tells what an app has, and what stands in the way of each', async () => {
  const { addons, app, enable, install } = platform();
  for (const name of ['vault', 'twice', 'going', 'stuck', 'coming', 'lost']) await enable(name);
  install('off');
  app('shop', 'vault;1;x\noff;2;\ngone;3;\ntwice;4;\ntwice;5;\ngoing;6;\nstuck;7;\noops\n');
  leave(addons, { kind: 'remove', addon: 'going', app: 'shop', resource: '6' });
  leave(addons, { kind: 'remove', addon: 'stuck', app: 'shop', resource: '7', quarantine: 'why' });
  leave(addons, { kind: 'add', addon: 'coming', app: 'shop' });
  leave(addons, { kind: 'add', addon: 'lost', app: 'shop', quarantine: 'why' });
  leave(addons, { kind: 'enable', addon: 'other' });
  const { app: name, resources, malformed } = await addons.list('shop');
  expect(name).toBe('shop');
  expect(resources.map(({ addon, id, state }) => [addon, id, state])).toEqual([
    ['vault', '1', 'ok'],
    ['off', '2', 'disabled'],
    ['gone', '3', 'not-installed'],
    ['twice', '4', 'duplicate'],
    ['twice', '5', 'duplicate'],
    ['going', '6', 'removing'],
    ['stuck', '7', 'quarantined'],
    ['coming', '', 'adding'],
    ['lost', '', 'quarantined'],
  ]);
  expect(resources[0]?.configVar).toBe('X_VAULT_URL');
  expect(malformed).toEqual([{ line: 8, problem: '0 semicolons instead of 2' }]);
});

it('tells what every app has, in the order of the names', async () => {
  const { addons, app, home } = platform();
  app('shop', 'db;1;\n');
  app('blog');
  mkdirSync(join(addons.platform.appsRoot, 'Not-An-App'));
  mkdirSync(join(addons.platform.appsRoot, '.hidden'));
  writeFileSync(join(addons.platform.appsRoot, 'a-file'), '');
  symlinkSync(join(home, 'nowhere'), join(addons.platform.appsRoot, 'dangling'));
  symlinkSync(addons.platform.appDir('shop'), join(addons.platform.appsRoot, 'alias'));
  expect(await addons.apps()).toEqual(['alias', 'blog', 'shop']);
  rmSync(join(addons.platform.appsRoot, 'alias'));
  const all = await collect(addons.listAll());
  expect(all.map((one) => [one.app, one.resources.map(({ addon, state }) => `${addon} ${state}`)])).toEqual([
    ['blog', []],
    ['shop', ['db not-installed']],
  ]);
});

it('has no apps on a platform that has no directory yet', async () => {
  const { addons } = platform();
  expect([await addons.apps(), await collect(addons.listAll())]).toEqual([[], []]);
  const error = await failure(addons.list('shop'));
  expect(error).toMatchObject({ code: 'app-not-found' });
  expect(error.message).not.toContain('Did you mean');
});

it('says why the apps cannot be read', async () => {
  const { addons, home } = platform();
  writeFileSync(join(home, 'apps'), '');
  expect(await failure(addons.apps())).toMatchObject({ code: 'io', message: expect.stringContaining('ENOTDIR') });
  expect(await failure(addons.list('shop'))).toMatchObject({ code: expect.stringMatching(/io|app-not-found/) });
});

it('tells the extra names of each variable', async () => {
  const { addons, app, enable } = platform();
  await enable('vault');
  const dir = app('shop', 'vault;1;x\nvault2;2;\n');
  writeFileSync(join(dir, 'ADDONS.env'), 'vault;B\ngone;C\nvault;A\noops\n', { mode: 0o600 });
  const names = [['X_VAULT_URL', 'B', 'A'], ['X_VAULT2_URL']];
  expect((await addons.list('shop')).resources.map(({ configVar, env }) => [configVar, ...env])).toEqual(names);
  const [all] = await collect(addons.listAll());
  expect(all?.resources.map(({ configVar, env }) => [configVar, ...env])).toEqual(names);
});

it('tells what is under way for a line, on both sides of a move, and nothing of what empties the trash', async () => {
  const { addons, app, enable } = platform();
  for (const name of ['turning', 'leaving', 'old', 'taken', 'back']) await enable(name);
  app('shop', 'turning;1;x\nleaving;2;x\nold;3;x\n');
  const to = app('store');
  leave(addons, { kind: 'rotate', addon: 'turning', app: 'shop', resource: '1' });
  const move = leave(addons, { kind: 'move', addon: 'leaving', app: 'shop', resource: '2' });
  const op = join(addons.platform.journal, move, 'op');
  const { dev, ino, birthtimeNs } = statSync(to, { bigint: true });
  const target = { name: 'store', key: `${dev}-${ino}-${birthtimeNs}` };
  writeFileSync(op, JSON.stringify({ ...JSON.parse(readFileSync(op, 'utf8')), to: target }));
  leave(addons, { kind: 'empty', addon: 'old', app: 'shop', resource: '9' });
  leave(addons, { kind: 'empty', addon: 'gone', app: 'shop', resource: '9' });
  leave(addons, { kind: 'adopt', addon: 'taken', app: 'shop', resource: '5' });
  leave(addons, { kind: 'undo', addon: 'back', app: 'shop', resource: '6' });
  const states = async (name: string) =>
    (await addons.list(name)).resources.map(({ addon, id, state }) => `${addon} ${id} ${state}`);
  expect(await states('shop')).toEqual([
    'turning 1 rotating',
    'leaving 2 moving',
    'old 3 ok',
    'taken 5 adding',
    'back 6 adding',
  ]);
  expect(await states('store')).toEqual(['leaving 2 moving']);
});

it('shows what is marked as never to be unprovisioned', async () => {
  const { addons, app, enable } = platform();
  await enable('vault');
  for (const name of ['shop', 'blog']) app(name);
  const { id = '' } = await addons.add('shop', 'vault');
  await addons.add('blog', 'vault');
  await addons.adopt('shop', 'vault', { id }, { keep: true });
  expect((await addons.list('shop')).resources).toMatchObject([{ id, kept: true }]);
  expect((await addons.list('blog')).resources[0]).not.toHaveProperty('kept');
  const { apps } = await addons.status();
  expect(apps.map(({ resources }) => resources[0]?.kept ?? false)).toEqual([false, true]);
});
