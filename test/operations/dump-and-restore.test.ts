import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { failure, listener, platform, type World } from './world.ts';

async function shopWithVault({ addons, app, enable }: World, files: Record<string, string | undefined> = {}) {
  await enable('vault', files);
  app('shop');
  await addons.add('shop', 'vault');
}

it('dumps to a new file that only its owner can read', async () => {
  const world = platform();
  await shopWithVault(world);
  const file = join(world.home, 'shop.dump');
  expect(await world.addons.dump('shop', 'vault', { file })).toEqual({
    app: 'shop',
    addon: 'vault',
    outcome: 'done',
    bytes: 6,
  });
  expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual(['empty\n', 0o600]);
});

it('replaces an older dump, but not what a link at its place points to', async () => {
  const world = platform();
  await shopWithVault(world);
  const [file, precious] = [join(world.home, 'shop.dump'), join(world.home, 'precious')];
  writeFileSync(precious, 'keep me');
  symlinkSync(precious, file);
  await world.addons.dump('shop', 'vault', { file });
  expect([readFileSync(file, 'utf8'), readFileSync(precious, 'utf8')]).toEqual(['empty\n', 'keep me']);
});

it('dumps into a pipe or a device, and does not put a file in its place', async () => {
  const world = platform();
  await shopWithVault(world);
  const file = join(world.home, 'pipe');
  execFileSync('mkfifo', [file]);
  const reader = spawn('cat', [file]);
  const read = text(reader.stdout);
  expect(await world.addons.dump('shop', 'vault', { file })).toEqual({ app: 'shop', addon: 'vault', outcome: 'done' });
  expect([await read, statSync(file).isFIFO()]).toEqual(['empty\n', true]);
});

it('dumps to a descriptor', async () => {
  const world = platform();
  await shopWithVault(world);
  const fd = openSync(join(world.home, 'out'), 'w');
  const result = await world.addons.dump('shop', 'vault', { fd });
  closeSync(fd);
  expect(result).toEqual({ app: 'shop', addon: 'vault', outcome: 'done' });
  expect(readFileSync(join(world.home, 'out'), 'utf8')).toBe('empty\n');
});

it.each([
  [
    'fails half-way',
    'echo half; echo broken pipe >&2; exit 2',
    'script-failed',
    /^dump of vault failed.* broken pipe$/,
  ],
  ['dies of a signal', 'echo half; kill -9 $$', 'script-failed', /was killed by SIGKILL/],
  ['prints nothing', ':', 'script-output', /The dump is empty, so .*shop\.dump was not written/],
])('leaves the older dump, and no half one, when the script %s', async (_, dump, code, message) => {
  const world = platform();
  await shopWithVault(world, { dump });
  const file = join(world.home, 'dumps/shop.dump');
  mkdirSync(join(world.home, 'dumps'));
  writeFileSync(file, 'older');
  expect(await failure(world.addons.dump('shop', 'vault', { file }))).toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
  expect([readdirSync(join(world.home, 'dumps')), readFileSync(file, 'utf8')]).toEqual([['shop.dump'], 'older']);
});

it('says why the file cannot be written', async () => {
  const world = platform();
  await shopWithVault(world);
  const file = join(world.home, 'missing/shop.dump');
  expect(await failure(world.addons.dump('shop', 'vault', { file }))).toMatchObject({
    code: 'io',
    message: `Cannot use ${file}: ENOENT.`,
  });
});

it('restores from a file and from a descriptor', async () => {
  const world = platform();
  await shopWithVault(world);
  const file = join(world.home, 'in');
  writeFileSync(file, 'from a file');
  expect(await world.addons.restore('shop', 'vault', { file })).toEqual({
    app: 'shop',
    addon: 'vault',
    outcome: 'done',
  });
  await world.addons.dump('shop', 'vault', { file: join(world.home, 'out') });
  expect(readFileSync(join(world.home, 'out'), 'utf8')).toBe('from a file');
  writeFileSync(file, 'from a descriptor');
  const fd = openSync(file, 'r');
  await world.addons.restore('shop', 'vault', { fd });
  closeSync(fd);
  await world.addons.dump('shop', 'vault', { file: join(world.home, 'out') });
  expect(readFileSync(join(world.home, 'out'), 'utf8')).toBe('from a descriptor');
});

it('says why a restore failed, and which file is not there', async () => {
  const world = platform();
  await shopWithVault(world, { restore: 'cat >/dev/null; echo of another version >&2; exit 1' });
  const file = join(world.home, 'in');
  for (const options of [{}, { dryRun: true }]) {
    expect(await failure(world.addons.restore('shop', 'vault', { file }, options))).toMatchObject({
      code: 'usage',
      message: `There is no file ${file} to restore from.`,
    });
  }
  writeFileSync(file, 'x');
  expect((await failure(world.addons.restore('shop', 'vault', { file }))).message).toBe(
    'restore of vault failed with exit status 1: of another version',
  );
});

it('kills a dump that takes too long, with all it started', async () => {
  const world = platform();
  await shopWithVault(world, { dump: 'sleep 30 & wait' });
  const file = join(world.home, 'shop.dump');
  const begun = Date.now();
  expect(await failure(world.addons.dump('shop', 'vault', { file }, { timeout: 0.2 }))).toMatchObject({
    code: 'script-timeout',
  });
  expect(
    await failure(world.addons.dump('shop', 'vault', { file }, { signal: AbortSignal.timeout(200) })),
  ).toMatchObject({
    code: 'aborted',
  });
  expect(Date.now() - begun).toBeLessThan(10_000);
});

it('needs the script, the add-on enabled, and a resource', async () => {
  const { addons, app, enable, install, home } = platform();
  await enable('bare', {}, 'bare');
  await enable('vault');
  install('off');
  app('shop', 'bare;1;\noff;1;\n');
  const file = join(home, 'x');
  expect(await failure(addons.dump('shop', 'bare', { file }))).toMatchObject({
    code: 'script-not-found',
    message: 'The add-on bare has no dump script.',
  });
  expect(await failure(addons.restore('shop', 'bare', { file }))).toMatchObject({ code: 'script-not-found' });
  expect(await failure(addons.dump('shop', 'off', { file }))).toMatchObject({ code: 'not-enabled' });
  expect(await failure(addons.dump('shop', 'vault', { file }))).toMatchObject({ code: 'resource-not-found' });
  expect(await failure(addons.restore('blog', 'vault', { file }))).toMatchObject({ code: 'app-not-found' });
});

it.each(['/dev/null', 'empty'])('restores nothing from %s', async (from) => {
  const { addons, app, enable, home } = platform();
  await enable('vault');
  app('shop');
  await addons.add('shop', 'vault');
  const file = from === 'empty' ? join(home, 'empty') : from;
  if (from === 'empty') writeFileSync(file, '');
  expect(await failure(addons.restore('shop', 'vault', { file }))).toMatchObject({
    code: 'usage',
    message: 'The dump is empty: nothing was restored.',
  });
});

it('warns where the restored resource has another URL than the app knows', async () => {
  const world = platform();
  await shopWithVault(world, { url: 'cat "$ADDON_DATA/address" 2>/dev/null || echo vault://here' });
  await world.addons.release('shop');
  const file = join(world.home, 'shop.dump');
  await world.addons.dump('shop', 'vault', { file });
  const { events, onProgress } = listener();
  await world.addons.restore('shop', 'vault', { file }, { onProgress });
  expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
  writeFileSync(join(world.addons.platform.addonData('vault'), 'address'), 'vault://there\n');
  await world.addons.restore('shop', 'vault', { file }, { onProgress });
  expect(events.filter(({ type }) => type === 'warning')).toEqual([
    { type: 'warning', message: 'X_VAULT_URL of shop is another one now: addons release shop' },
  ]);
});
