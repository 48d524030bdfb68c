import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { failure, platform } from './world.ts';

it('allocates a resource and records it in ADDONS', async () => {
  const { addons, app, enable, read, ledger, ran, journal } = platform();
  await enable('vault');
  const dir = app('shop');
  const result = await addons.add('shop', 'vault');
  const [id] = ledger('vault');
  expect(result).toEqual({
    app: 'shop',
    addon: 'vault',
    outcome: 'done',
    id,
    configVar: 'X_VAULT_URL',
    env: [],
    steps: [],
  });
  expect(read('shop', 'ADDONS')).toBe(`vault;${id};hunter2-shop\n`);
  expect(statSync(join(dir, 'ADDONS')).mode & 0o777).toBe(0o600);
  expect(ran('vault')).toEqual(['enable', 'provision shop']);
  expect(journal()).toEqual([]);
});

it('changes nothing where the app has it already', async () => {
  const { addons, app, enable, ran } = platform();
  await enable('vault');
  app('shop');
  const { id } = await addons.add('shop', 'vault');
  expect(await addons.add('shop', 'vault')).toMatchObject({ outcome: 'unchanged', id });
  expect(ran('vault')).toEqual(['enable', 'provision shop']);
});

it('makes one resource when two ask for it at the same time', async () => {
  const { addons, app, enable, ledger, open } = platform();
  await enable('vault');
  app('shop');
  const results = await Promise.all([addons.add('shop', 'vault'), open().add('shop', 'vault')]);
  expect(results.map(({ outcome }) => outcome).sort()).toEqual(['done', 'unchanged']);
  expect(ledger('vault')).toHaveLength(1);
});

it('keeps every other line of ADDONS byte for byte, also malformed ones', async () => {
  const { addons, app, enable, read } = platform();
  await enable('vault');
  const lines = 'not a line\n\ngone;1;\nfour;of;these;fields\n;;\n# comment\r\n';
  app('shop', lines);
  const { id } = await addons.add('shop', 'vault');
  expect(read('shop', 'ADDONS')).toBe(`${lines}vault;${id};hunter2-shop\n`);
});

it('ends the last line of an ADDONS without a final newline first', async () => {
  const { addons, app, enable, read } = platform();
  await enable('vault');
  app('shop', 'gone;1;x');
  const { id } = await addons.add('shop', 'vault');
  expect(read('shop', 'ADDONS')).toBe(`gone;1;x\nvault;${id};hunter2-shop\n`);
});

it('refuses while ADDONS has two lines for that add-on, naming them', async () => {
  const { addons, app, enable, read, journal } = platform();
  await enable('vault');
  app('shop', 'vault;1;\nvault;2;\n');
  expect(await failure(addons.add('shop', 'vault'))).toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(/ADDONS has 2 lines for vault: 1, 2\.$/),
  });
  expect([read('shop', 'ADDONS'), journal()]).toEqual(['vault;1;\nvault;2;\n', []]);
});

it('refuses an ADDONS that is a link or a directory', async () => {
  const { addons, app, enable, home } = platform();
  await enable('vault');
  writeFileSync(join(home, 'elsewhere'), '');
  symlinkSync(join(home, 'elsewhere'), join(app('shop'), 'ADDONS'));
  expect(await failure(addons.add('shop', 'vault'))).toMatchObject({
    code: 'malformed',
    message: expect.stringContaining('is a symbolic link'),
  });
  rmSync(join(app('shop'), 'ADDONS'));
  mkdirSync(join(app('shop'), 'ADDONS'));
  expect(await failure(addons.add('shop', 'vault'))).toMatchObject({
    code: 'malformed',
    message: expect.stringContaining('is no regular file'),
  });
  expect(statSync(join(home, 'elsewhere')).size).toBe(0);
});

it('says what to do when the add-on is not enabled, or only shipped', async () => {
  const { addons, app, install } = platform();
  app('shop');
  install('vault');
  const notEnabled = { code: 'not-enabled', hint: expect.stringMatching(/addons enable (vault|db)/) };
  expect(await failure(addons.add('shop', 'vault'))).toMatchObject(notEnabled);
  expect(await failure(addons.add('shop', 'db'))).toMatchObject(notEnabled);
});

it('suggests the nearest name for an unknown app or add-on', async () => {
  const { addons, app, enable } = platform();
  await enable('vault');
  app('shop');
  expect(await failure(addons.add('shpo', 'vault'))).toMatchObject({
    code: 'app-not-found',
    message: expect.stringContaining('Did you mean "shop"?'),
  });
  expect(await failure(addons.add('shop', 'vaul'))).toMatchObject({
    code: 'addon-not-found',
    message: expect.stringContaining('Did you mean "vault"?'),
  });
});

it.each(['', '-shop', '../shop', 'shop/..', '.add-ons', 'Shop', 'a\0b', '/etc'])(
  'refuses %j as an app',
  async (name) => {
    const { addons, enable } = platform();
    await enable('vault');
    expect(await failure(addons.add(name, 'vault'))).toMatchObject({ code: 'usage' });
  },
);

it.each(['', '-vault', '../add-ons/vault', '.vault'])('refuses %j as an add-on', async (name) => {
  const { addons, enable, app } = platform();
  await enable('vault');
  app('shop');
  expect(await failure(addons.add('shop', name))).toMatchObject({ code: 'usage' });
});

it('names a provision that is missing before anything is done', async () => {
  const { addons, app, enable, journal } = platform();
  await enable('vault', { provision: undefined });
  app('shop');
  expect(await failure(addons.add('shop', 'vault'))).toMatchObject({ code: 'script-not-found' });
  expect(journal()).toEqual([]);
});
