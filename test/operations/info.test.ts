import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { failure, platform } from './world.ts';

it('describes an add-on in full, without its secrets', async () => {
  const { addons, app, enable } = platform();
  await enable('vault', { health: undefined });
  app('shop', 'vault;1;x\n');
  app('blog', 'vault;2;x\nvault;3;x\n');
  const { scripts, ...rest } = await addons.info('vault');
  expect(rest).toEqual({
    name: 'vault',
    installed: true,
    enabled: true,
    shipped: false,
    description: 'A safe for each app',
    version: '1.2.0',
    apps: ['blog', 'shop'],
    root: addons.platform.addonRoot('vault'),
    data: addons.platform.addonData('vault'),
    configVar: 'X_VAULT_URL',
    idempotent: true,
    config: {
      region: 'eu',
      admin_password: '[redacted]',
      upstream: 'vault://root:[redacted]@upstream.example',
      verbose: false,
    },
    overridden: [],
    from: {},
    inherits: [],
    passEnv: ['VAULT_REGION'],
  });
  expect(scripts).toContainEqual({ name: 'provision', present: true, required: true, timeout: 600 });
  expect(scripts).toContainEqual({ name: 'dump', present: true, required: false, timeout: 20 });
  expect(scripts).toContainEqual({ name: 'health', present: false, required: false, timeout: 30 });
});

it('describes an add-on that is only shipped from its shipped copy', async () => {
  const { addons } = platform();
  expect(await addons.info('db')).toMatchObject({ installed: false, enabled: false, shipped: true, version: '1.0.0' });
});

it('knows no other add-ons', async () => {
  const { addons } = platform();
  expect(await failure(addons.info('dd'))).toMatchObject({
    code: 'addon-not-found',
    message: expect.stringContaining('"db"'),
  });
  expect(await failure(addons.info('../db'))).toMatchObject({ code: 'usage' });
});

it('lists all add-ons, installed and shipped, with their apps', async () => {
  const { addons, app, enable, install } = platform();
  await enable('vault');
  install('bare', {}, 'bare');
  app('shop', 'vault;1;x\nvault;2;x\nbare;1;\n');
  app('blog', 'vault;3;x\n');
  const all = await addons.addons();
  expect(all.find(({ name }) => name === 'vault')).toMatchObject({ enabled: true, apps: ['blog', 'shop'] });
  expect(all.find(({ name }) => name === 'bare')).toEqual({
    name: 'bare',
    installed: true,
    enabled: false,
    shipped: false,
    apps: ['shop'],
  });
  expect(all.find(({ name }) => name === 'db')).toMatchObject({ installed: false, shipped: true });
});

it('says why the add-ons cannot be read', async () => {
  const { addons, app, home } = platform();
  app('shop');
  writeFileSync(join(home, 'lib'), '');
  expect(await failure(addons.addons())).toMatchObject({ code: 'io' });
});
