import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { failure, listener, platform } from './world.ts';

it('destroys the resource, then drops its line and variable and nothing else', async () => {
  const { addons, app, enable, read, ledger, journal } = platform();
  await enable('vault');
  const dir = app('shop', 'first;1;\nbroken line\n');
  const { id } = await addons.add('shop', 'vault');
  writeFileSync(join(dir, 'ENV'), `# mine\nexport X_VAULT_URL='old'\nFOO="a b"\r\n\nX_OTHER_URL=kept`);
  expect(await addons.remove('shop', 'vault')).toEqual({
    app: 'shop',
    addon: 'vault',
    outcome: 'done',
    id,
    resource: 'destroyed',
    steps: [],
  });
  expect([ledger('vault'), journal()]).toEqual([[], []]);
  expect(read('shop', 'ADDONS')).toBe('first;1;\nbroken line\n');
  expect(read('shop', 'ENV')).toBe('# mine\nFOO="a b"\r\n\nX_OTHER_URL=kept');
});

it('says so when there is nothing to remove, and what there is', async () => {
  const { addons, app, enable } = platform();
  await enable('vault');
  await enable('vaults');
  app('shop');
  expect(await failure(addons.remove('shop', 'vault'))).toMatchObject({
    code: 'resource-not-found',
    message: 'The app shop has no vault.',
    hint: 'Add it with: addons add shop vault',
  });
  await addons.add('shop', 'vault');
  expect(await failure(addons.remove('shop', 'vaults'))).toMatchObject({
    code: 'resource-not-found',
    message: 'The app shop has no vaults. Did you mean "vault"?',
    hint: 'It has: vault.',
  });
});

it('keeps line, variable and resource when unprovision fails', async () => {
  const { addons, app, enable, read, ledger, journal } = platform();
  await enable('vault', { unprovision: 'echo in use >&2; exit 4' });
  app('shop');
  await addons.add('shop', 'vault');
  await addons.release('shop');
  const before = [read('shop', 'ADDONS'), read('shop', 'ENV'), ledger('vault')];
  expect(await failure(addons.remove('shop', 'vault'))).toMatchObject({
    code: 'script-failed',
    message: expect.stringMatching(
      /^unprovision of vault failed with exit status 4; the line of shop-\S+ stays in ADDONS of shop: in use$/,
    ),
  });
  expect([read('shop', 'ADDONS'), read('shop', 'ENV'), ledger('vault')]).toEqual(before);
  expect(journal()).toEqual([]);
});

it('refuses while ADDONS has two lines for that add-on', async () => {
  const { addons, app, enable, ran } = platform();
  await enable('vault');
  app('shop', 'vault;1;\nvault;2;\n');
  expect(await failure(addons.remove('shop', 'vault'))).toMatchObject({ code: 'conflict' });
  expect(ran('vault')).toEqual(['enable']);
});

it('refuses when the add-on is gone, disabled or has no unprovision', async () => {
  const { addons, app, install, enable, read } = platform();
  install('off');
  await enable('bad', { unprovision: undefined });
  const lines = 'gone;1;\noff;2;\nbad;3;\n';
  app('shop', lines);
  expect(await failure(addons.remove('shop', 'gone'))).toMatchObject({ code: 'addon-not-found' });
  expect(await failure(addons.remove('shop', 'off'))).toMatchObject({ code: 'not-enabled' });
  expect(await failure(addons.remove('shop', 'bad'))).toMatchObject({ code: 'script-not-found' });
  expect(read('shop', 'ADDONS')).toBe(lines);
});

it('is done for both when two remove at the same time, and unprovisions once', async () => {
  const { addons, app, enable, open, ran } = platform();
  await enable('vault');
  app('shop');
  const { id } = await addons.add('shop', 'vault');
  const results = await Promise.all([addons.remove('shop', 'vault'), open().remove('shop', 'vault')]);
  expect(results).toMatchObject([
    { outcome: 'done', id },
    { outcome: 'done', id },
  ]);
  expect(ran('vault').filter((line) => line.startsWith('unprovision'))).toHaveLength(1);
});

// Without the line between them, the two quotes that are not closed would close each other.
const SPOILT_ENV = "A='\nX_VAULT_URL=o'ld\nB='\n";

it.each([
  ['an ENV that cannot be edited', (dir: string) => writeFileSync(join(dir, 'ENV'), SPOILT_ENV)],
  ['an ADDONS.env that is a link', (dir: string) => symlinkSync('/etc/hosts', join(dir, 'ADDONS.env'))],
  ['an ENV that is a link', (dir: string) => symlinkSync('/etc/hosts', join(dir, 'ENV'))],
])('destroys nothing beside %s', async (_, spoil) => {
  const { addons, app, enable, journal, ledger, read } = platform();
  await enable('vault');
  const dir = app('shop');
  const { id } = await addons.add('shop', 'vault');
  const line = read('shop', 'ADDONS');
  spoil(dir);
  expect(await failure(addons.remove('shop', 'vault'))).toMatchObject({ code: 'malformed' });
  expect(await failure(addons.remove('shop', 'vault', { dryRun: true }))).toMatchObject({ code: 'malformed' });
  expect([ledger('vault'), read('shop', 'ADDONS'), journal()]).toEqual([[id], line, []]);
});

it('whose ADDONS.env becomes a link meanwhile is finished, with a warning', async () => {
  const { addons, app, enable, journal, read } = platform();
  const dir = app('shop');
  await enable('vault', { unprovision: `ln -s /etc/hosts '${join(dir, 'ADDONS.env')}'` });
  await addons.add('shop', 'vault');
  await addons.release('shop');
  const { events, onProgress } = listener();
  expect(await addons.remove('shop', 'vault', { onProgress })).toMatchObject({ outcome: 'done' });
  expect([read('shop', 'ADDONS'), read('shop', 'ENV'), journal()]).toEqual(['', '', []]);
  expect(events).toContainEqual({
    type: 'warning',
    message: expect.stringContaining('The extra variable names of vault are left as they are:'),
  });
});

it('waits with an ENV that was spoilt meanwhile until it is mended, then finishes', async () => {
  const { addons, app, enable, journal, read } = platform();
  const dir = app('shop');
  const spoilt = join(dir, 'spoilt');
  writeFileSync(spoilt, SPOILT_ENV);
  await enable('vault', { unprovision: `cp '${spoilt}' '${join(dir, 'ENV')}'` });
  await addons.add('shop', 'vault');
  const error = await failure(addons.remove('shop', 'vault'));
  expect(error).toMatchObject({ code: 'malformed', hint: expect.stringContaining('quote') });
  expect(journal()).toHaveLength(1);
  writeFileSync(join(dir, 'ENV'), "A='closed'\nX_VAULT_URL=old\n");
  await addons.release('shop');
  expect([read('shop', 'ENV'), journal()]).toEqual(["A='closed'\n", []]);
});

it('succeeds for an app that is deleted while unprovision runs', async () => {
  const { addons, app, enable, journal } = platform();
  await enable('vault', { unprovision: `rm -rf "$ADDON_DATA/../../shop"` });
  app('shop');
  await addons.add('shop', 'vault');
  expect(await addons.remove('shop', 'vault')).toMatchObject({ outcome: 'done' });
  expect(journal()).toEqual([]);
  rmSync(addons.platform.appDir('shop'), { recursive: true, force: true });
});
