import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { failure, listener, platform } from './world.ts';

it('copies a shipped add-on to the add-ons directory, says so, and enables it', async () => {
  const { addons } = platform();
  const { events, onProgress } = listener();
  const result = await addons.enable('db', { onProgress });
  const root = addons.platform.addonRoot('db');
  expect(result).toEqual({ addon: 'db', outcome: 'done', installed: '1.0.0', steps: [] });
  expect(events[0]).toEqual({ type: 'note', message: `Installed the shipped add-on db 1.0.0 in ${root}` });
  expect(statSync(join(root, 'provision')).mode & 0o777).toBe(0o755);
  expect(statSync(join(root, 'addon.toml')).mode & 0o777).toBe(0o644);
  expect(existsSync(addons.platform.marker('db'))).toBe(true);
  expect(readdirSync(addons.platform.addonsRoot)).toEqual(['db']);
});

it('copies a shipped add-on whole or not at all', async () => {
  const { addons, home, open } = platform();
  const shipped = join(home, 'shipped');
  mkdirSync(join(shipped, 'broken'), { recursive: true });
  symlinkSync('nowhere', join(shipped, 'broken/enable'));
  expect(await failure(open({ shipped }).enable('broken'))).toMatchObject({ code: 'malformed' });
  expect(readdirSync(addons.platform.addonsRoot)).toEqual([]);
});

it('says that a newer copy is shipped than the installed one, and keeps the installed one', async () => {
  const { addons, install } = platform();
  install('db', { 'addon.toml': '[addon]\nversion = "0.10.0"' });
  expect(await addons.enable('db')).toMatchObject({ outcome: 'done', newerShipped: '1.0.0' });
  expect(await addons.enable('db')).toMatchObject({ outcome: 'unchanged', newerShipped: '1.0.0' });
  expect(await addons.info('db')).toMatchObject({ version: '0.10.0', newerShipped: '1.0.0' });
});

it('says nothing of a shipped copy that is not newer', async () => {
  const { addons, install } = platform();
  install('db', { 'addon.toml': '[addon]\nversion = "1.10.0"' });
  expect(await addons.enable('db')).not.toHaveProperty('newerShipped');
});

it('changes nothing where it is enabled already', async () => {
  const { addons, enable, ran } = platform();
  await enable('vault');
  expect(await addons.enable('vault')).toEqual({ addon: 'vault', outcome: 'unchanged', steps: [] });
  expect(ran('vault')).toEqual(['enable']);
});

it('runs the script once when two ask for it at the same time', async () => {
  const { addons, install, ran, open } = platform();
  install('vault');
  const results = await Promise.all([addons.enable('vault'), open().enable('vault')]);
  expect(results.map(({ outcome }) => outcome).sort()).toEqual(['done', 'unchanged']);
  expect(ran('vault')).toEqual(['enable']);
});

it('installs once when two ask for a shipped add-on at the same time', async () => {
  const { addons, open } = platform();
  const results = await Promise.all([addons.enable('db'), open().enable('db')]);
  expect(results.filter(({ installed }) => installed === '1.0.0')).toHaveLength(1);
});

it('refuses the second of two add-ons with one variable', async () => {
  const { addons, enable, install } = platform();
  await enable('my-db');
  install('my_db');
  const error = await failure(addons.enable('my_db'));
  expect(error).toMatchObject({
    code: 'conflict',
    message: 'my_db and the enabled add-on my-db would both set X_MY_DB_URL.',
  });
  expect(error.hint).toContain('disable my-db');
  expect(existsSync(addons.platform.marker('my_db'))).toBe(false);
});

it('never enables both of two add-ons with one variable, also at the same time', async () => {
  const { addons, install, open, journal } = platform();
  install('my-db', { enable: 'sleep 0.2' });
  install('my_db', { enable: 'sleep 0.2' });
  await Promise.allSettled([addons.enable('my-db'), open().enable('my_db')]);
  const enabled = ['my-db', 'my_db'].filter((name) => existsSync(addons.platform.marker(name)));
  expect(enabled.length).toBeLessThan(2);
  expect(journal()).toEqual([]);
});

it('leaves neither marker nor journal entry when the script fails, and can be tried again', async () => {
  const { addons, install, journal, app } = platform();
  app('shop');
  install('vault', { enable: 'echo starting >&2; echo the disk is upside down >&2; exit 3' });
  const error = await failure(addons.enable('vault'));
  expect(error).toMatchObject({
    code: 'script-failed',
    message: 'enable of vault failed with exit status 3; vault is not enabled: the disk is upside down',
    details: { script: 'enable', addon: 'vault', stderr: 'starting\nthe disk is upside down' },
  });
  expect(existsSync(addons.platform.marker('vault'))).toBe(false);
  expect(journal()).toEqual([]);
  expect(await failure(addons.add('shop', 'vault'))).toMatchObject({ code: 'not-enabled' });
  install('vault', { enable: 'exit 0' });
  expect(await addons.enable('vault')).toMatchObject({ outcome: 'done' });
});

it('says which signal killed the script', async () => {
  const { addons, install } = platform();
  install('vault', { enable: 'kill -9 $$' });
  expect((await failure(addons.enable('vault'))).message).toContain('was killed by signal 9');
});

it('names a script that is missing or not executable, before anything is done', async () => {
  const { addons, install, journal } = platform();
  install('vault', { enable: undefined });
  expect(await failure(addons.enable('vault'))).toMatchObject({
    code: 'script-not-found',
    message: expect.stringContaining('vault/enable does not exist'),
  });
  expect(journal()).toEqual([]);
});

it('suggests the nearest name for an add-on that does not exist', async () => {
  const { addons, install } = platform();
  install('vault');
  expect(await failure(addons.enable('vualt'))).toMatchObject({
    code: 'addon-not-found',
    message: expect.stringContaining('Did you mean "vault"?'),
    hint: expect.stringMatching(/There are: .*db.*vault/),
  });
});

it('says how to install an add-on when there is none at all', async () => {
  const { open, home } = platform();
  const none = open({ shipped: join(home, 'none') });
  const error = await failure(none.enable('vault'));
  expect(error.hint).toBe('Install it from its directory: addons install ./vault');
});

it.each(['', '-db', '.hidden', '../db', 'a/b', 'ü', 'a b', 'x'.repeat(64)])('refuses %j as a name', async (name) => {
  const { addons, home } = platform();
  expect(await failure(addons.enable(name))).toMatchObject({ code: 'usage' });
  expect(readdirSync(home)).toEqual([]);
});

it('names file and line of a malformed addon.toml', async () => {
  const { addons, install } = platform();
  install('vault', { 'addon.toml': '[addon]\nversion = oops' });
  expect(await failure(addons.enable('vault'))).toMatchObject({
    code: 'malformed',
    message: expect.stringMatching(/vault\/addon\.toml is not valid TOML at line 2/),
  });
});

it('is run again on request, though the add-on is enabled', async () => {
  const { addons, enable, ran } = platform();
  await enable('vault');
  expect((await addons.enable('vault', { again: true, dryRun: true })).outcome).toBe('planned');
  expect((await addons.enable('vault', { again: true })).outcome).toBe('done');
  expect(ran('vault').filter((what) => what.startsWith('enable'))).toHaveLength(2);
});

it('stays enabled when its script fails on being run again', async () => {
  const { addons, enable } = platform();
  await enable('vault');
  await enable('vault', { enable: 'exit 3' });
  const error = await failure(addons.enable('vault', { again: true }));
  expect(error).toMatchObject({ code: 'script-failed', message: expect.stringContaining('enabled as before') });
  expect((await addons.info('vault')).enabled).toBe(true);
});
