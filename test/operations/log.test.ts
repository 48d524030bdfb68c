import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logLine, parseLogLine } from '../../lib/operations/log-entry.ts';
import type { LogEntry } from '../../lib/operations/results.ts';
import { foreign, leave } from './journal.ts';
import { collect, failure, listener, platform, type World } from './world.ts';

const fileOf = ({ addons }: World) => join(addons.platform.log, 'operations.jsonl');

/** `add shop vault done`, oldest first. */
const told = async ({ addons }: World) =>
  (await collect(addons.log())).map(({ what, app, addon, outcome }) =>
    [what, app, addon, outcome].filter(Boolean).join(' '),
  );

const line = (app: string, more: Partial<LogEntry> = {}): string =>
  `${JSON.stringify({ time: '2026-01-02T03:04:05.678Z', user: 'root', pid: 1, what: 'release', app, outcome: 'done', duration: 5, ...more })}\n`;

/** A platform whose log says this. */
function withLog(text: string): World {
  const world = platform();
  mkdirSync(world.addons.platform.log, { recursive: true });
  writeFileSync(fileOf(world), text);
  return world;
}

describe('a line is left by', () => {
  it('whatever changed something, in its order', async () => {
    const world = platform();
    const { addons, app, install, home } = world;
    install('vault');
    app('shop');
    await addons.enable('vault');
    await addons.add('shop', 'vault');
    await addons.release('shop');
    await addons.dump('shop', 'vault', { file: join(home, 'dump') });
    await addons.restore('shop', 'vault', { file: join(home, 'dump') });
    await addons.remove('shop', 'vault');
    const operation = leave(addons, { kind: 'add', addon: 'vault', app: 'shop', owner: foreign() });
    await addons.unlock(operation);
    await addons.disable('vault', { force: true });
    expect((await told(world)).filter((text) => !text.endsWith('recovered'))).toEqual([
      'enable vault done',
      'add shop vault done',
      'release shop done',
      'dump shop vault done',
      'restore shop vault done',
      'remove shop vault done',
      'unlock shop vault done',
      'add shop vault failed',
      'disable vault done',
    ]);
  });

  it('each app of a release of all that changed or failed', async () => {
    const world = platform();
    const { addons, app, enable } = world;
    await enable('vault', { url: 'case $1 in bad) exit 1;; *) echo vault://x;; esac' });
    app('shop', 'vault;1;x\n');
    app('blog', 'vault;bad;x\n');
    app('empty');
    for (const _ of [1, 2]) await collect(addons.releaseAll());
    expect((await told(world)).slice(1).sort()).toEqual([
      'release blog failed',
      'release blog failed',
      'release shop done',
    ]);
  });

  it('what failed after it had begun, with the error and the operation', async () => {
    const world = platform();
    const { addons, app, enable } = world;
    await enable('vault', { provision: 'echo server down >&2; exit 1' });
    app('shop');
    const error = await failure(addons.add('shop', 'vault'));
    expect((await collect(addons.log())).at(-1)).toMatchObject({
      what: 'add',
      outcome: 'failed',
      error: { code: 'script-failed', message: error.message },
      operation: expect.stringMatching(/^[a-z0-9]{15,}$/),
    });
  });

  it('nothing that was so already, planned, looked at or refused', async () => {
    const world = platform();
    const { addons, app, enable } = world;
    await enable('vault');
    app('shop');
    await addons.add('shop', 'vault');
    await addons.release('shop');
    const before = readFileSync(fileOf(world), 'utf8');
    await addons.enable('vault');
    await addons.add('shop', 'vault');
    await addons.release('shop');
    await addons.remove('shop', 'vault', { dryRun: true });
    await addons.release('shop', { dryRun: true });
    await addons.check();
    await addons.unlock();
    await failure(addons.disable('vault'));
    await failure(addons.release('shpo'));
    await failure(addons.remove('shop', 'other'));
    await failure(addons.restore('shop', 'vault', { file: '/nonexistent' }));
    expect(readFileSync(fileOf(world), 'utf8')).toBe(before);
  });
});

it('says who, when, as what process and how long', async () => {
  const { open, app, install } = platform();
  const addons = open({ environment: { SUDO_USER: 'ann' } });
  install('vault', { enable: 'mkdir -p "$ADDON_DATA/ledger"; sleep 0.2' });
  app('shop');
  await addons.enable('vault');
  const [entry] = await collect(addons.log());
  expect(entry).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    user: userInfo().username,
    sudo: 'ann',
    pid: process.pid,
    what: 'enable',
    addon: 'vault',
    outcome: 'done',
    duration: expect.any(Number),
    operation: expect.stringMatching(/^[a-z0-9]{15,}$/),
  });
  expect(entry?.duration).toBeGreaterThanOrEqual(200);
  expect(entry?.duration).toBeLessThan(60_000);
});

it('a log that cannot be written is a warning; the operation goes on', async () => {
  const world = platform();
  const { addons, install } = world;
  install('vault');
  mkdirSync(fileOf(world), { recursive: true });
  const { events, onProgress } = listener();
  expect(await addons.enable('vault', { onProgress })).toMatchObject({ outcome: 'done' });
  expect(events.filter(({ type }) => type === 'warning')).toEqual([
    { type: 'warning', message: expect.stringMatching(/^The operations log was not written: .*operations\.jsonl/) },
  ]);
});

it('holds no secret, whatever scripts print and errors quote', async () => {
  const [PRIVATE, PASSWORD] = ['pr1vate/of%shop', 'pa55word'];
  const talk = `echo "no: vault://me:${PASSWORD}@x ${PRIVATE}" >&2`;
  const world = platform();
  const { addons, app, enable, install, home } = world;
  await enable('vault', {
    provision: `echo empty >"$ADDON_DATA/ledger/$ADDONS_OP_ID"; ${talk}; echo "$ADDONS_OP_ID;${PRIVATE}"`,
    url: `${talk}; echo "vault://me:${PASSWORD}@x"`,
  });
  app('shop');
  app('blog');
  await addons.add('shop', 'vault');
  await addons.release('shop');
  await addons.dump('shop', 'vault', { file: join(home, 'dump') });
  const fail = `${talk}; exit 1`;
  install('vault', {
    provision: `echo "x;${PRIVATE};${PRIVATE}"; ${talk}`,
    url: fail,
    dump: fail,
    restore: fail,
    unprovision: fail,
  });
  await failure(addons.add('blog', 'vault'));
  await failure(addons.release('shop'));
  await failure(addons.restore('shop', 'vault', { file: join(home, 'dump') }));
  await failure(addons.remove('shop', 'vault'));
  const text = readFileSync(fileOf(world), 'utf8');
  expect(text.match(/"outcome":"failed"/g)?.length).toBe(4);
  expect(text).not.toContain(PRIVATE);
  expect(text).not.toContain(PASSWORD);
});

describe('asked', () => {
  it('gives what is about an app or an add-on', async () => {
    const { addons } = withLog(
      [line('shop'), line('db', { what: 'add', addon: 'redis' }), line('blog', { what: 'add', addon: 'db' })].join(''),
    );
    const apps = async (...about: Parameters<typeof addons.log>) =>
      (await collect(addons.log(...about))).map(({ app }) => app);
    expect(await apps({ app: 'db' })).toEqual(['db']);
    expect(await apps({ addon: 'db' })).toEqual(['blog']);
    expect(await apps({ name: 'db' })).toEqual(['db', 'blog']);
    expect(await apps({ app: 'blog', addon: 'redis' }).catch((error) => error.code)).toBe('app-not-found');
  });

  it('for an app or add-on that nobody knows, names the nearest', async () => {
    const world = withLog(line('gone'));
    const { addons, app, install } = world;
    app('shop');
    install('vault');
    expect(await failure(collect(addons.log({ name: 'vaul' })))).toMatchObject({
      code: 'app-not-found',
      message: 'There is no app and no add-on "vaul", and the log tells of none. Did you mean "vault"?',
      hint: expect.stringContaining('addons log'),
    });
    expect(await failure(collect(addons.log({ addon: 'shop' })))).toMatchObject({ code: 'addon-not-found' });
    expect(await collect(addons.log({ name: 'shop' }))).toEqual([]);
    expect(await collect(addons.log({ name: 'gone' }))).toHaveLength(1);
  });

  it('for the last ones, looks into older parts only where the newest has too few', async () => {
    const world = withLog(line('e') + line('f'));
    const older = fileOf(world);
    writeFileSync(`${older}.1`, line('c') + line('d') + line('d', { what: 'add' }));
    writeFileSync(`${older}.2`, line('a') + line('b'));
    const last = async (count: number, name?: string) =>
      (await collect(world.addons.log({ name }, { last: count }))).map(({ app }) => app).join('');
    expect(await last(1)).toBe('f');
    expect(await last(2)).toBe('ef');
    expect(await last(4)).toBe('ddef');
    expect(await last(100)).toBe('abcddef');
    expect(await last(0)).toBe('abcddef');
    expect(await last(1, 'd')).toBe('d');
    expect(await last(5, 'a')).toBe('a');
  });

  it('skips what is no entry', async () => {
    const world = withLog(
      `${line('shop')}{"time":\n[]\nnull\n{"time":"soon"}\n{"time":"2026-01-02","user":"x","pid":1,"what":"add","outcome":"done"}\n`,
    );
    expect(await told(world)).toEqual(['release shop done']);
  });

  it('before anything was done, says nothing', async () => {
    const { addons } = platform();
    expect(await collect(addons.log())).toEqual([]);
    expect(existsSync(addons.platform.log)).toBe(false);
  });
});

it('follows: the newest first, then what happens, until the signal', async () => {
  const world = withLog(line('a') + line('b'));
  writeFileSync(`${fileOf(world)}.1`, line('old'));
  const stop = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    for await (const { app = '' } of world.addons.log({}, { follow: true, last: 1, signal: stop.signal }))
      seen.push(app);
  })();
  while (seen.length < 1) await pause(10);
  appendFileSync(fileOf(world), line('c'));
  while (seen.length < 2) await pause(10);
  stop.abort();
  await following;
  expect(seen).toEqual(['b', 'c']);
});

describe('an entry', () => {
  const text = fc.string({ unit: 'binary', maxLength: 3000 });

  it('is one line below 4 KiB, and comes back as it was, but for a message that was cut', () => {
    fc.assert(
      fc.property(text, fc.string({ maxLength: 60 }), fc.nat(), (message, user, duration) => {
        const error = { code: 'io', message };
        const entry: LogEntry = {
          time: '2026-01-02T03:04:05.678Z',
          user,
          pid: 1,
          what: 'add',
          outcome: 'failed',
          error,
          duration,
        };
        const written = logLine(entry);
        expect(Buffer.byteLength(written)).toBeLessThan(4096);
        expect(written).not.toContain('\n');
        const back = parseLogLine(written);
        expect({ ...back, error: undefined }).toEqual({ ...entry, error: undefined });
        const kept = back?.error?.message ?? '';
        expect(kept === message || (kept.endsWith('…') && message.startsWith(kept.slice(0, -2)))).toBe(true);
      }),
    );
  });

  it('is nothing else', () => {
    const isNone = (line: string) => parseLogLine(line) === undefined;
    fc.assert(fc.property(fc.json(), isNone));
    fc.assert(fc.property(text, isNone));
  });
});

describe('of what a crash interrupted', () => {
  it('tells that it needs a person now', async () => {
    const world = platform();
    await world.enable('vault', { 'addon.toml': '' });
    world.app('shop');
    const operation = leave(world.addons, {
      kind: 'add',
      addon: 'vault',
      app: 'shop',
      runs: [{ script: 'provision' }],
    });
    await world.addons.check({ fix: true });
    const last = (await collect(world.addons.log())).at(-1);
    expect(last).toMatchObject({ what: 'add', outcome: 'failed', operation, error: { code: 'quarantined' } });
  });

  it.each(['adopt', 'undo'] as const)('tells of an %s that nothing came of, and warns', async (kind) => {
    const world = platform();
    await world.enable('vault');
    world.app('shop');
    leave(world.addons, { kind, addon: 'vault', app: 'shop', resource: 'v1', more: { trashed: 'gone' } });
    const { events, onProgress } = listener();
    await world.addons.check({ fix: true, onProgress });
    expect(await told(world)).toEqual(['enable vault done', `${kind} shop vault failed`]);
    expect(events).toContainEqual({ type: 'warning', message: expect.stringContaining('vault') });
  });
});

it('tells what became of a resource that was removed', async () => {
  const { addons, app, enable } = platform();
  await enable('vault');
  app('shop');
  for (const how of [{}, { forget: true }, { keepFor: 60 }]) {
    await addons.add('shop', 'vault');
    await addons.remove('shop', 'vault', how);
  }
  const removed = (await collect(addons.log({ app: 'shop' }))).filter(({ what }) => what === 'remove');
  expect(removed.map(({ resource }) => resource)).toEqual(['destroyed', 'forgotten', 'in-trash']);
});
