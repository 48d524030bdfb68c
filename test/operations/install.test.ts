import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeDisk } from '../../lib/state/disk.ts';
import { steppingDisk } from '../crash/stepping-disk.ts';
import { collect, failure, listener, platform, type World } from './world.ts';

/** A directory with a fixture add-on, outside of the add-ons directory. */
function source({ home }: World, name = 'vault', fixture: 'vault' | 'bare' = 'vault'): string {
  const root = join(home, 'sources', name);
  cpSync(join(import.meta.dirname, '../fixtures/add-ons', fixture), root, { recursive: true });
  return root;
}

const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);

describe('a directory', () => {
  it('is copied under its own name, and says which variable apps get', async () => {
    const world = platform();
    const from = source(world);
    const { addons } = world;
    const { events, onProgress } = listener();
    expect(await addons.install(from, { onProgress })).toEqual({
      addon: 'vault',
      outcome: 'done',
      source: from,
      version: '1.2.0',
      configVar: 'X_VAULT_URL',
      steps: [],
    });
    expect(events).toEqual([{ type: 'step', message: 'Installing vault' }]);
    expect(readdirSync(addons.platform.addonRoot('vault'))).toEqual(readdirSync(from));
    expect(readdirSync(addons.platform.addonsRoot)).toEqual(['vault']);
    expect(await addons.addons()).toContainEqual(expect.objectContaining({ name: 'vault', installed: true }));
  });

  it('gets modes of its own: what could be executed can, nothing else', async () => {
    const world = platform();
    const from = source(world);
    mkdirSync(join(from, 'parts'), { mode: 0o700 });
    writeFileSync(join(from, 'parts/one'), '', { mode: 0o600 });
    chmodSync(join(from, 'enable'), 0o700);
    await world.addons.install(from);
    const root = world.addons.platform.addonRoot('vault');
    expect(['', 'parts', 'parts/one', 'enable', 'addon.toml'].map((path) => modeOf(join(root, path)))).toEqual([
      '755',
      '755',
      '644',
      '755',
      '644',
    ]);
  });

  it('may hold links that stay in it', async () => {
    const world = platform();
    const from = source(world);
    mkdirSync(join(from, 'parts'));
    rmSync(join(from, 'dump'));
    writeFileSync(join(from, 'parts/dump'), '#!/bin/sh\n', { mode: 0o755 });
    symlinkSync('parts/dump', join(from, 'dump'));
    symlinkSync('..', join(from, 'parts/up'));
    await world.addons.install(from);
    expect(readlinkSync(join(world.addons.platform.addonRoot('vault'), 'dump'))).toBe('parts/dump');
    expect(await world.addons.install(from)).toMatchObject({ outcome: 'unchanged' });
  });

  it('is taken without its history', async () => {
    const world = platform();
    const from = source(world);
    mkdirSync(join(from, '.git'));
    mkdirSync(join(from, 'parts/.git'), { recursive: true });
    await world.addons.install(from);
    const root = world.addons.platform.addonRoot('vault');
    expect([existsSync(join(root, '.git')), existsSync(join(root, 'parts/.git'))]).toEqual([false, true]);
  });

  it('may be a link to it, whose name it gets', async () => {
    const world = platform();
    const from = source(world);
    symlinkSync(from, join(world.home, 'queue'));
    expect(await world.addons.install(join(world.home, 'queue/'))).toMatchObject({ addon: 'queue', source: from });
  });
});

describe('under another name', () => {
  it('a shipped add-on is one more, with a variable and data of its own', async () => {
    const { addons, app, read } = platform();
    app('shop');
    expect(await addons.install('db', { as: 'queue' })).toMatchObject({
      addon: 'queue',
      outcome: 'done',
      configVar: 'X_QUEUE_URL',
      version: '1.0.0',
    });
    await addons.enable('db');
    await addons.enable('queue');
    await addons.add('shop', 'db');
    await addons.add('shop', 'queue');
    await addons.release('shop');
    const urls = /^export X_DB_URL='(.*)'\nexport X_QUEUE_URL='(.*)'\n$/.exec(read('shop', 'ENV'));
    expect(urls?.[1]).toContain('/.add-ons/db/');
    expect(urls?.[2]).toContain('/.add-ons/queue/');
  });

  it('tells of no newer copy: nothing says where it is from', async () => {
    const world = platform();
    const shipped = join(world.home, 'shipped');
    cpSync(source(world, 'redis'), join(shipped, 'redis'), { recursive: true });
    const addons = world.open({ shipped });
    await addons.install('redis', { as: 'queue' });
    writeFileSync(join(shipped, 'redis/addon.toml'), '[addon]\nversion = "9"\n');
    expect(await addons.enable('queue')).not.toHaveProperty('newerShipped');
  });

  it.each(['', '-q', '.q', 'a/b', '../q'])('not under %j', async (as) => {
    const world = platform();
    expect(await failure(world.addons.install(source(world), { as }))).toMatchObject({ code: 'usage' });
    expect(existsSync(world.addons.platform.addonsRoot)).toBe(false);
  });

  it('a directory whose name is none needs one', async () => {
    const world = platform();
    const from = source(world, 'my add-on');
    expect(await failure(world.addons.install(from))).toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('--as <name>'),
    });
    expect(await world.addons.install(from, { as: 'mine' })).toMatchObject({ addon: 'mine', outcome: 'done' });
  });
});

describe('what a word means', () => {
  it('is a shipped add-on, whatever lies here; with a slash a directory', async () => {
    const world = platform();
    const shipped = join(world.home, 'shipped');
    cpSync(source(world, 'ours'), join(shipped, 'docs'), { recursive: true });
    const addons = world.open({ shipped });
    expect(existsSync('docs')).toBe(true); // here, where tests run
    expect(await addons.install('docs', { dryRun: true })).toMatchObject({ source: join(shipped, 'docs') });
    expect((await failure(addons.install('./docs'))).message).toContain(`${process.cwd()}/docs is no add-on`);
    expect((await failure(addons.install('bench'))).message).toContain(`${process.cwd()}/bench is no add-on`);
  });

  it('and what it cannot mean is told with the nearest name', async () => {
    const { addons, home } = platform();
    expect(await failure(addons.install('dbb'))).toMatchObject({
      code: 'addon-not-found',
      message: expect.stringContaining('Did you mean "db"?'),
      hint: expect.stringMatching(/\.\/dbb, or one of: db/),
    });
    expect(await failure(addons.install(join(home, 'none')))).toMatchObject({ code: 'addon-not-found' });
    expect(await failure(addons.install(''))).toMatchObject({ code: 'addon-not-found' });
  });
});

describe('what is there already', () => {
  it('is left alone where it is the same', async () => {
    const world = platform();
    const from = source(world);
    await world.addons.install(from);
    const before = world.tree();
    expect(await world.addons.install(from)).toMatchObject({ addon: 'vault', outcome: 'unchanged' });
    expect(await world.addons.install(world.addons.platform.addonRoot('vault'))).toMatchObject({
      outcome: 'unchanged',
    });
    expect(world.tree()).toEqual(before);
  });

  it.each<[string, (root: string) => unknown]>([
    [
      'another content',
      (root) => writeFileSync(join(root, 'list'), readFileSync(join(root, 'list'), 'utf8').replace('l', 'L')),
    ],
    ['one file more', (root) => writeFileSync(join(root, 'more'), '')],
    ['one file less', (root) => rmSync(join(root, 'list'))],
    ['a script that cannot be executed', (root) => chmodSync(join(root, 'list'), 0o644)],
    ['a link in place of a file', (root) => [rmSync(join(root, 'list')), symlinkSync('dump', join(root, 'list'))]],
  ])('is refused with %s, and what to do is told', async (_, change) => {
    const world = platform();
    const from = source(world);
    await world.addons.install(from);
    change(from);
    const before = world.tree();
    for (const dryRun of [true, false]) {
      const error = await failure(world.addons.install(from, { dryRun }));
      expect(error).toMatchObject({ code: 'conflict', message: expect.stringContaining('another vault') });
      expect(error.hint).toContain('--as <name>');
      expect(error.hint).toContain('--force');
    }
    expect(world.tree()).toEqual(before);
  });

  it('is refused where it is no directory of the platform’s making', async () => {
    const world = platform();
    mkdirSync(world.addons.platform.addonRoot('vault'), { recursive: true });
    expect(await failure(world.addons.install(source(world)))).toMatchObject({ code: 'conflict' });
  });
});

describe('two at once', () => {
  it('of one directory: one installs it, the other finds it there', async () => {
    const world = platform();
    const from = source(world);
    const results = await Promise.all([world.addons.install(from), world.open().install(from)]);
    expect(results.map(({ outcome }) => outcome).sort()).toEqual(['done', 'unchanged']);
    expect(readdirSync(world.addons.platform.addonsRoot)).toEqual(['vault']);
  });

  it('of one name: one wins, the other is told', async () => {
    const world = platform();
    const [one, other] = [source(world, 'one'), source(world, 'other', 'bare')];
    const ends = await Promise.allSettled([
      world.addons.install(one, { as: 'queue' }),
      world.open().install(other, { as: 'queue' }),
    ]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(ends.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'conflict' } });
    const winner = ends[0]?.status === 'fulfilled' ? one : other;
    expect(readdirSync(world.addons.platform.addonRoot('queue'))).toEqual(readdirSync(winner));
    expect(readdirSync(world.addons.platform.addonsRoot)).toEqual(['queue']);
  });
});

describe('refused before anything is copied:', () => {
  it.each<[what: string, spoil: (root: string) => unknown, code: string, message: string]>([
    [
      'what is no add-on',
      (root) => ['enable', 'url'].map((name) => rmSync(join(root, name))),
      'script-not-found',
      'it has no enable, url',
    ],
    [
      'a script that cannot be executed',
      (root) => chmodSync(join(root, 'url'), 0o644),
      'script-not-found',
      'is not executable',
    ],
    [
      'a script that is a directory',
      (root) => [rmSync(join(root, 'url')), mkdirSync(join(root, 'url'))],
      'script-not-found',
      'is not a regular file',
    ],
    [
      'a wrong addon.toml',
      (root) => writeFileSync(join(root, 'addon.toml'), '[addon]\nversion = 1\n'),
      'malformed',
      'addon.version',
    ],
    [
      'configuration that no script could be given',
      (root) => writeFileSync(join(root, 'addon.toml'), '[config]\na-b = 1\na_b = 2\n'),
      'malformed',
      'ADDON_CONFIG_A_B',
    ],
    ['a link to somewhere else', (root) => symlinkSync('/etc/passwd', join(root, 'users')), 'malformed', 'leads out'],
    ['a link that goes up', (root) => symlinkSync('../../apps', join(root, 'apps')), 'malformed', 'leads out'],
    [
      'a link that leaves and comes back',
      (root) => symlinkSync('../vault/url', join(root, 'again')),
      'malformed',
      'leads out',
    ],
    [
      'a link that leaves by way of another',
      (root) => [
        mkdirSync(join(root, 'a')),
        symlinkSync('..', join(root, 'a/up')),
        symlinkSync('a/up/../../sources', join(root, 'out')),
      ],
      'malformed',
      'leads out',
    ],
    ['a link to nowhere', (root) => symlinkSync('none', join(root, 'broken')), 'malformed', 'leads nowhere'],
    ['a pipe', (root) => spawnSync('mkfifo', [join(root, 'pipe')]), 'malformed', 'neither a file'],
    ['a set-uid program', (root) => chmodSync(join(root, 'list'), 0o4755), 'malformed', 'set-uid'],
    ['a set-gid program', (root) => chmodSync(join(root, 'list'), 0o2755), 'malformed', 'set-uid'],
    [
      'more than 256 MiB',
      (root) => [writeFileSync(join(root, 'image'), ''), truncateSync(join(root, 'image'), 257 * 1024 ** 2)],
      'malformed',
      'too large',
    ],
  ])('%s', async (_, spoil, code, message) => {
    const world = platform();
    const from = source(world);
    spoil(from);
    const error = await failure(world.addons.install(from));
    expect(error).toMatchObject({ code, message: expect.stringContaining(message), hint: expect.any(String) });
    expect(existsSync(world.addons.platform.addonsRoot)).toBe(false);
  });

  it('a socket', async () => {
    const world = platform();
    const from = source(world);
    const server = createServer();
    await new Promise<void>((listening) => server.listen(join(from, 'socket'), listening));
    expect(await failure(world.addons.install(from))).toMatchObject({ code: 'malformed' });
    await new Promise((closed) => server.close(closed));
  });

  it('a directory that holds the add-ons directory', async () => {
    const world = platform();
    const from = source(world);
    for (const home of [from, join(from, 'deep')]) {
      expect(await failure(world.open({ home }).install(from))).toMatchObject({ code: 'usage' });
      expect(existsSync(join(home, 'lib'))).toBe(false);
    }
  });

  it('a variable that another installed add-on would set', async () => {
    const world = platform();
    await world.addons.install(source(world), { as: 'my-db' });
    for (const dryRun of [true, false]) {
      expect(await failure(world.addons.install(source(world), { as: 'my_db', dryRun }))).toMatchObject({
        code: 'conflict',
        message: 'my_db and the installed add-on my-db would both set X_MY_DB_URL.',
        hint: expect.stringContaining('--as <name>'),
      });
    }
    expect(readdirSync(world.addons.platform.addonsRoot)).toEqual(['my-db']);
  });
});

it('warns of an optional script that would count as not there', async () => {
  const world = platform();
  const from = source(world);
  chmodSync(join(from, 'dump'), 0o644);
  const { events, onProgress } = listener();
  await world.addons.install(from, { onProgress });
  expect(events).toContainEqual({
    type: 'warning',
    message: `${from}/dump is not executable: it counts as not there.`,
  });
});

describe('what was there before under this name', () => {
  it('overrides are in force, and told', async () => {
    const world = platform();
    const { platform: paths } = world.addons;
    const overrides = paths.addonOverrides('vault');
    mkdirSync(join(overrides, '..'), { recursive: true });
    writeFileSync(overrides, '[config]\nregion = "us"\n');
    expect(await world.addons.install(source(world))).toMatchObject({ outcome: 'done', overrides });
    expect(await world.addons.info('vault')).toMatchObject({
      config: { region: 'us', verbose: false },
      overrides,
      overridden: ['region'],
    });
  });

  it('overrides that do not fit are a warning: they can be mended', async () => {
    const world = platform();
    const overrides = world.addons.platform.addonOverrides('vault');
    mkdirSync(join(overrides, '..'), { recursive: true });
    writeFileSync(overrides, '[config]\nregoin = "us"\n');
    const { events, onProgress } = listener();
    expect(await world.addons.install(source(world), { onProgress })).toMatchObject({ outcome: 'done' });
    expect(events[0]).toMatchObject({ type: 'warning', message: expect.stringContaining('overrides regoin') });
  });

  it('data are told, too', async () => {
    const world = platform();
    const data = world.addons.platform.addonData('vault');
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, 'old'), '');
    const { events, onProgress } = listener();
    await world.addons.install(source(world), { onProgress });
    expect(events.at(-1)).toMatchObject({ type: 'note', message: expect.stringContaining(data) });
  });
});

it('with a dry run only looks', async () => {
  const world = platform();
  const from = source(world);
  const before = world.tree();
  expect(await world.addons.install(from, { as: 'queue', dryRun: true })).toMatchObject({
    outcome: 'planned',
    configVar: 'X_QUEUE_URL',
    steps: [`copy ${from} to ${world.addons.platform.addonRoot('queue')}`],
  });
  expect(world.tree()).toEqual(before);
});

it('is in the operations log, when something was done', async () => {
  const world = platform();
  const from = source(world);
  await world.addons.install(from, { as: 'queue' });
  await world.addons.install(from, { as: 'queue' });
  await failure(world.addons.install('db', { as: 'queue' }));
  const log = await collect(world.addons.log({ addon: 'queue' }));
  expect(log).toMatchObject([{ what: 'install', addon: 'queue', outcome: 'done' }]);
  expect(log).toHaveLength(1);
});

it('dead at any step there is the whole add-on or none, and the same command goes on', async () => {
  for (let last = 1, ended = false; !ended; last++) {
    const world = platform();
    const from = source(world, 'bare', 'bare');
    const disk = steppingDisk(nodeDisk, { before: (number) => die(number >= last) });
    ended = await world
      .open({ disk })
      .install(from)
      .then(
        () => true,
        () => false,
      );
    const installed = world.addons.platform.addonRoot('bare');
    if (existsSync(installed)) expect(readdirSync(installed)).toEqual(readdirSync(from));
    expect((await world.addons.addons()).filter(({ shipped }) => !shipped).length).toBe(existsSync(installed) ? 1 : 0);
    expect(await world.addons.install(from)).toMatchObject({ addon: 'bare' });
    await world.addons.enable('bare');
    expect(last).toBeLessThan(50);
    if (ended) expect(last).toBeGreaterThan(5);
  }
});

it('removes what a dead install left', async () => {
  const world = platform();
  const { addonsRoot } = world.addons.platform;
  const { pid } = spawnSync('true');
  mkdirSync(join(addonsRoot, `.queue.${pid}.0123456789ab.tmp/parts`), { recursive: true });
  await world.addons.install(source(world));
  expect(readdirSync(addonsRoot)).toEqual(['vault']);
});

function die(now: boolean) {
  if (now) throw Object.assign(new Error('the process is dead'), { code: 'EIO' });
}
