import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import * as api from '../lib/index.ts';
import { AddonsError, openPlatform } from '../lib/index.ts';
import { failure, platform } from './operations/world.ts';

const ROOT = join(import.meta.dirname, '..');

it('gives the paths and the variables of the default platform', () => {
  const { platform: x } = openPlatform();
  expect(x).toMatchObject({
    name: 'x',
    appsRoot: '/home/x',
    libRoot: '/var/lib/x',
    etcRoot: '/etc/x',
    addonsRoot: '/var/lib/x/add-ons',
    journal: '/var/lib/x/journal',
  });
  expect([x.appDir('shop'), x.addonRoot('db'), x.addonData('db'), x.marker('db'), x.addonOverrides('db')]).toEqual([
    '/home/x/shop',
    '/var/lib/x/add-ons/db',
    '/home/x/.add-ons/db',
    '/home/x/.add-ons/db/enabled',
    '/etc/x/add-ons.d/db.toml',
  ]);
  expect(x.configVar('my-db.2')).toBe('X_MY_DB_2_URL');
});

it('takes paths and variables from the platform name', () => {
  const { platform: cloud } = openPlatform({ name: 'my-cloud' });
  expect([cloud.appsRoot, cloud.libRoot, cloud.etcRoot]).toEqual([
    '/home/my-cloud',
    '/var/lib/my-cloud',
    '/etc/my-cloud',
  ]);
  expect(cloud.configVar('db')).toBe('MY_CLOUD_DB_URL');
});

it('puts all roots below one home, except those that are given', () => {
  const { platform: x } = openPlatform({ home: '/srv/try', etcRoot: '/etc/try' });
  expect([x.appsRoot, x.libRoot, x.etcRoot]).toEqual(['/srv/try/apps', '/srv/try/lib', '/etc/try']);
});

it.each(['', 'X', '../x', '-x', '1x', 'a b', 'x'.repeat(33)])('refuses %j as a platform name', (name) => {
  expect(() => openPlatform({ name })).toThrow(expect.objectContaining({ code: 'usage' }));
});

it('reads and writes nothing when it is opened, and reading a platform that does not exist makes none', async () => {
  const home = join(mkdtempSync(join(tmpdir(), 'platform-')), 'not-yet');
  onTestFinished(() => rmSync(join(home, '..'), { recursive: true, force: true }));
  const x = openPlatform({ home });
  expect(await x.apps()).toEqual([]);
  expect((await x.addons()).map(({ name }) => name)).toContain('db');
  expect(existsSync(home)).toBe(false);
});

it('keeps two platforms in one process apart', async () => {
  const one = platform({ name: 'one' });
  const two = platform({ name: 'two' });
  await Promise.all(
    [one, two].map(async ({ addons, app, enable }) => {
      await enable('vault');
      app('shop');
      await addons.add('shop', 'vault');
      await addons.release('shop');
    }),
  );
  expect([...(await one.addons.env('shop')).keys()]).toEqual(['ONE_VAULT_URL']);
  expect([...(await two.addons.env('shop')).keys()]).toEqual(['TWO_VAULT_URL']);
  await one.addons.delete('shop');
  expect([one.ledger('vault').length, two.ledger('vault').length]).toEqual([0, 1]);
});

it('gives scripts the environment of the contract, and of the outside what it lets through', async () => {
  vi.stubEnv('DOCKER_HOST', 'of the process');
  onTestFinished(() => void vi.unstubAllEnvs());
  const environment = {
    TZ: 'Europe/Vienna',
    https_proxy: 'http://proxy',
    VAULT_REGION: 'at',
    BASH_ENV: '/tmp/evil',
    NODE_OPTIONS: '--evil',
    SECRET: 'x',
    ADDONS_OP_ID: 'somebody else’s',
  };
  const { addons, app, enable, home } = platform({ name: 'two', environment, scriptPath: '/usr/bin:/bin' });
  await enable('vault', { provision: 'env >"$ADDON_DATA/seen"; pwd >>"$ADDON_DATA/seen"; echo "$ADDONS_OP_ID;"' });
  app('shop');
  const { id } = await addons.add('shop', 'vault');
  const seen = readFileSync(join(addons.platform.addonData('vault'), 'seen'), 'utf8')
    .trim()
    .split('\n');
  const variables = Object.fromEntries(
    seen.slice(0, -1).map((line) => [line.split('=')[0], line.split('=').slice(1).join('=')]),
  );
  expect(variables).toEqual({
    ADDON: 'vault',
    ADDONS_FUNCTIONS: join(ROOT, 'addons/functions.sh'),
    ADDONS_SERVE: join(ROOT, 'dist/serve.js'),
    ADDON_ROOT: join(home, 'lib/add-ons/vault'),
    ADDON_DATA: join(home, 'apps/.add-ons/vault'),
    ADDON_OVERRIDES: join(home, 'etc/add-ons.d/vault.toml'),
    ADDONS_PLATFORM: 'two',
    ADDONS_OP_ID: id,
    ADDON_CONFIG_REGION: 'eu',
    ADDON_CONFIG_ADMIN_PASSWORD: 'open-sesame',
    ADDON_CONFIG_UPSTREAM: 'vault://root:open-sesame@upstream.example',
    ADDON_CONFIG_VERBOSE: '0',
    PATH: '/usr/bin:/bin',
    LANG: 'C.UTF-8',
    HOME: expect.any(String),
    PWD: expect.any(String),
    TZ: 'Europe/Vienna',
    https_proxy: 'http://proxy',
    VAULT_REGION: 'at',
  });
  expect(seen.at(-1)).toBe(join(home, 'lib/add-ons/vault'));
});

it('takes the wait that is given when it is opened, and the one of a call before that', async () => {
  const { addons, app, begun, enable, open } = platform();
  await enable('vault', { unprovision: 'sleep 1' });
  app('shop', 'vault;1;x\n');
  const removing = addons.remove('shop', 'vault');
  await begun();
  expect((await failure(open({ wait: 0 }).release('shop'))).code).toBe('busy');
  await open({ wait: 0 }).release('shop', { wait: 20 });
  await removing;
});

it('works where the roots exist already and belong to others than this package', async () => {
  const { addons, home } = platform();
  for (const root of ['apps', 'lib', 'etc']) mkdirSync(join(home, root));
  await addons.enable('db');
  mkdirSync(addons.platform.appDir('shop'));
  await addons.add('shop', 'db');
  await addons.release('shop');
  expect((await addons.env('shop')).get('X_DB_URL')).toMatch(/^sqlite:\/\/\/.+\/database\.sqlite$/);
  expect(await addons.check()).toMatchObject({ findings: [] });
});

it('throws one kind of error, with a stable code, a sentence, the next step and the cause', async () => {
  const { addons, home } = platform();
  const error = await failure(addons.restore('shop', 'db', { file: home }));
  expect(error).toBeInstanceOf(AddonsError);
  expect([error.name, error.code, typeof error.hint, error.details]).toEqual([
    'AddonsError',
    'app-not-found',
    'string',
    { app: 'shop' },
  ]);
  expect(Object.keys(api).sort()).toEqual([
    'AddonsError',
    'formatEnv',
    'newAddon',
    'openPlatform',
    'parseManifest',
    'serve',
    'templates',
    'testAddon',
  ]);
});
