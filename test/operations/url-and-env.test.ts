import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { failure, platform } from './world.ts';

it('gives the URL that the next release would hand out', async () => {
  const { addons, app, enable, read } = platform();
  await enable('vault');
  app('shop', 'vault;v1;s3cret\n');
  expect(await addons.url('shop', 'vault')).toBe('vault://me:s3cret@safe.example/v1');
  expect(read('shop', 'ENV')).toBe('');
});

it('gives no URL for what the app has not, whether the add-on is there or not', async () => {
  const { addons, app, enable, install } = platform();
  await enable('vault');
  install('off');
  app('shop', 'off;1;\n');
  expect(await failure(addons.url('shop', 'vault'))).toMatchObject({ code: 'resource-not-found' });
  expect(await failure(addons.url('shop', 'valut'))).toMatchObject({ code: 'addon-not-found' });
  expect(await failure(addons.url('shop', 'off'))).toMatchObject({ code: 'not-enabled' });
  expect(await failure(addons.url('shopp', 'vault'))).toMatchObject({ code: 'app-not-found' });
  expect(await failure(addons.url('shop', '--help'))).toMatchObject({ code: 'usage' });
});

it('gives the variables of ENV as they are, in their order', async () => {
  const { addons, app } = platform();
  const dir = app('shop');
  expect([...(await addons.env('shop'))]).toEqual([]);
  writeFileSync(join(dir, 'ENV'), `B="two words"\nexport X_VAULT_URL='vault://x'\n# no\nA=1\n`);
  expect([...(await addons.env('shop'))]).toEqual([
    ['B', 'two words'],
    ['X_VAULT_URL', 'vault://x'],
    ['A', '1'],
  ]);
  expect(await failure(addons.env('shpo'))).toMatchObject({ code: 'app-not-found' });
});
