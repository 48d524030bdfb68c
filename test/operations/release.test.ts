import {
  appendFileSync,
  chmodSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { failure, platform } from './world.ts';

it('writes a variable for every resource, and keeps every other line of ENV byte for byte', async () => {
  const { addons, app, enable, read } = platform();
  await enable('vault');
  await enable('bare', {}, 'bare');
  const dir = app('shop', 'vault;v1;s3cret\nbare;b1;\n');
  writeFileSync(join(dir, 'ENV'), `# mine\r\nFOO='a\nb'\nexport X_BARE_URL='bare://old'\n\tBAR=\xff\n`, 'latin1');
  expect(await addons.release('shop')).toEqual({
    app: 'shop',
    outcome: 'done',
    configVars: ['X_BARE_URL', 'X_VAULT_URL'],
    changed: ['X_BARE_URL', 'X_VAULT_URL'],
    warnings: [],
  });
  expect(readFileSync(join(dir, 'ENV'), 'latin1')).toBe(
    `# mine\r\nFOO='a\nb'\nexport X_BARE_URL='bare://b1'\n\tBAR=\xff\nexport X_VAULT_URL='vault://me:s3cret@safe.example/v1'\n`,
  );
  expect(statSync(join(dir, 'ENV')).mode & 0o777).toBe(0o600);
  expect(read('shop', 'ADDONS')).toBe('vault;v1;s3cret\nbare;b1;\n');
});

it('does not rewrite what is unchanged', async () => {
  const { addons, app, enable } = platform();
  await enable('vault');
  const env = join(app('shop', 'vault;1;x\n'), 'ENV');
  await addons.release('shop');
  const before = statSync(env, { bigint: true });
  expect(await addons.release('shop')).toMatchObject({
    outcome: 'unchanged',
    configVars: ['X_VAULT_URL'],
    changed: [],
  });
  const after = statSync(env, { bigint: true });
  expect([after.ino, after.mtimeNs, after.ctimeNs]).toEqual([before.ino, before.mtimeNs, before.ctimeNs]);
});

it('says which variables changed', async () => {
  const { addons, app, enable, install } = platform();
  await enable('vault');
  await enable('bare', {}, 'bare');
  app('shop', 'vault;1;x\nbare;1;\n');
  await addons.release('shop');
  install('bare', { url: 'echo bare://moved' });
  expect(await addons.release('shop')).toMatchObject({ outcome: 'done', changed: ['X_BARE_URL'] });
});

it('changes ENV for all add-ons or, when one fails, for none', async () => {
  const { addons, app, enable } = platform();
  await enable('vault');
  await enable('bare', { url: 'echo the server is down >&2; exit 7' }, 'bare');
  const dir = app('shop', 'vault;1;x\n\nbare;1;\n');
  writeFileSync(join(dir, 'ENV'), 'FOO=1\n');
  const before = statSync(join(dir, 'ENV')).ino;
  const error = await failure(addons.release('shop'));
  expect(error).toMatchObject({
    code: 'release-failed',
    message:
      'shop was not released: Line 3 of ADDONS (bare): url of bare failed with exit status 7 for 1: the server is down',
    details: { app: 'shop', failures: [{ code: 'script-failed', details: { addon: 'bare', script: 'url' } }] },
  });
  expect([readFileSync(join(dir, 'ENV'), 'utf8'), statSync(join(dir, 'ENV')).ino]).toEqual(['FOO=1\n', before]);
});

it('names every line whose add-on is gone or disabled, and changes nothing', async () => {
  const { addons, app, enable, install, read } = platform();
  await enable('vault');
  install('off');
  app('shop', 'vault;1;x\ngone;1;\noff;1;\n');
  const { code, message, details } = await failure(addons.release('shop'));
  expect([code, details.failures?.map((one) => one.code).sort()]).toEqual([
    'release-failed',
    ['addon-not-found', 'not-enabled'],
  ]);
  expect(message).toContain('Line 2 of ADDONS (gone): There is no add-on "gone"');
  expect(message).toContain('Line 3 of ADDONS (off): The add-on off is not enabled.');
  expect(read('shop', 'ENV')).toBe('');
});

it('warns of malformed lines, and the others work', async () => {
  const { addons, app, enable, read } = platform();
  await enable('vault');
  const lines = 'vault;1\nvault;1;x\nwhat;is;this;line\n';
  app('shop', lines);
  expect(await addons.release('shop')).toMatchObject({
    outcome: 'done',
    changed: ['X_VAULT_URL'],
    warnings: [
      'Line 1 of ADDONS is skipped: 1 semicolon instead of 2.',
      'Line 3 of ADDONS is skipped: 3 semicolons instead of 2.',
    ],
  });
  expect(read('shop', 'ADDONS')).toBe(lines);
});

it('has nothing to do for an app without ADDONS', async () => {
  const { addons, app } = platform();
  const dir = app('shop');
  expect(await addons.release('shop')).toEqual({
    app: 'shop',
    outcome: 'unchanged',
    configVars: [],
    changed: [],
    warnings: [],
  });
  expect(existsSync(join(dir, 'ENV'))).toBe(false);
});

it.each([
  ['echo "it\'s"', 'a single quote (write %27 instead)'],
  ["echo 'C:\\x'", 'a backslash (write %5C instead)'],
  ['printf "a\\033b"', 'a control character'],
  ['echo a; echo b', 'printed two lines'],
  [':', 'printed nothing'],
  ['head -c 40000 /dev/zero | tr "\\0" a', 'more than 32768 bytes'],
  ['head -c 1000000 /dev/zero | tr "\\0" a', 'printed far more than one line'],
])('refuses what `%s` prints, with advice', async (url, problem) => {
  const { addons, app, enable, read } = platform();
  await enable('vault', { url });
  app('shop', 'vault;1;x\n');
  const { message, details } = await failure(addons.release('shop'));
  expect(message).toContain(problem);
  expect(details.failures).toMatchObject([{ code: 'script-output' }]);
  expect(read('shop', 'ENV')).toBe('');
});

it('refuses two lines for one add-on', async () => {
  const { addons, app, enable, read } = platform();
  await enable('vault');
  app('shop', 'vault;1;x\nvault;2;x\n');
  expect((await failure(addons.release('shop'))).message).toContain('Lines 1, 2 of ADDONS are all for vault.');
  expect(read('shop', 'ENV')).toBe('');
});

it('refuses two add-ons with one variable', async () => {
  const { addons, app, enable, install, read } = platform();
  await enable('my_db');
  await addons.disable('my_db');
  await enable('my-db');
  install('my_db');
  writeFileSync(addons.platform.marker('my_db'), ''); // by hand, as enable refuses it
  app('shop', 'my-db;1;x\nmy_db;2;x\n');
  expect((await failure(addons.release('shop'))).message).toContain(
    'Another add-on of this app sets X_MY_DB_URL already.',
  );
  expect(read('shop', 'ENV')).toBe('');
});

it('refuses an ENV that is a link', async () => {
  const { addons, app, enable, home } = platform();
  await enable('vault');
  const dir = app('shop', 'vault;1;x\n');
  writeFileSync(join(home, 'target'), 'FOO=1\n');
  symlinkSync(join(home, 'target'), join(dir, 'ENV'));
  expect(await failure(addons.release('shop'))).toMatchObject({ code: 'malformed' });
  expect(readFileSync(join(home, 'target'), 'utf8')).toBe('FOO=1\n');
});

it('writes an ENV 0600 that others could read', async () => {
  const { addons, app, enable } = platform();
  await enable('vault');
  const env = join(app('shop', 'vault;1;x\n'), 'ENV');
  writeFileSync(env, '');
  chmodSync(env, 0o644);
  await addons.release('shop');
  expect(statSync(env).mode & 0o777).toBe(0o600);
});

it('knows no app of that name', async () => {
  const { addons, app } = platform();
  app('shop');
  expect(await failure(addons.release('shopp'))).toMatchObject({ code: 'app-not-found' });
  expect(await failure(addons.release('../shop'))).toMatchObject({ code: 'usage' });
});

it('says which file is missing when a url script is', async () => {
  const { addons, app, enable } = platform();
  await enable('vault');
  rmSync(join(addons.platform.addonRoot('vault'), 'url'));
  appendFileSync(join(app('shop'), 'ADDONS'), 'vault;1;x\n');
  expect((await failure(addons.release('shop'))).message).toContain('vault/url does not exist');
});
