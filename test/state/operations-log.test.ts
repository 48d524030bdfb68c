import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { build } from 'esbuild';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { withLock } from '../../lib/state/lock.ts';
import { openLogReader } from '../../lib/state/log-reader.ts';
import { appendLogLine, logParts } from '../../lib/state/operations-log.ts';
import type { Store } from '../../lib/state/store.ts';
import { needs } from '../require.ts';
import { makeStore } from './journal-store.ts';

let directory: string;
let writer: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'log-'));
  writer = join(directory, 'log-writer.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'log-writer.ts')],
    outfile: writer,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const newest = (store: Store) => logParts(store)[0] ?? '';

function read(store: Store): string[] {
  const reader = openLogReader(store);
  try {
    return [...reader.lines()];
  } finally {
    reader.close();
  }
}

it('is a private file in a private directory, one line for each call', async () => {
  const store = makeStore();
  rmSync(store.platform.log, { recursive: true });
  const umask = process.umask(0);
  await appendLogLine(store, 'one').finally(() => process.umask(umask));
  await appendLogLine(store, 'two');
  expect(readFileSync(newest(store), 'utf8')).toBe('one\ntwo\n');
  expect([store.platform.log, newest(store)].map((path) => lstatSync(path).mode & 0o777)).toEqual([0o700, 0o600]);
});

it.skipIf(!needs('root'))("(as root) belongs to the platform's own user", async () => {
  const store = { ...makeStore(), libOwner: { uid: 65534, gid: 65534 } };
  writeFileSync(newest(store), 'of root\n', { mode: 0o644 });
  await appendLogLine(store, 'one');
  expect(lstatSync(newest(store))).toMatchObject({ uid: 65534, gid: 65534 });
});

it('a line that was cut short swallows none that comes later', async () => {
  const store = makeStore();
  appendFileSync(newest(store), 'one\n{"time":');
  await appendLogLine(store, 'two');
  await appendLogLine(store, 'three');
  expect(read(store)).toEqual(['one', '{"time":', 'two', 'three']);
});

it('what is no regular file is left alone, and said', async () => {
  const store = makeStore();
  const path = newest(store);
  writeFileSync(join(store.platform.log, 'target'), '');
  symlinkSync('target', path);
  await expect(appendLogLine(store, 'one')).rejects.toMatchObject({ message: expect.stringContaining(path) });
  expect(readFileSync(join(store.platform.log, 'target'), 'utf8')).toBe('');
  rmSync(path);
  execFileSync('mkfifo', [path]);
  await expect(appendLogLine(store, 'one')).rejects.toMatchObject({ code: 'io' });
  expect(read(store)).toEqual([]);
});

it("a file with a second name is left alone: it may be somebody else's", async () => {
  const store = { ...makeStore(), ...(needs('root') && { libOwner: { uid: 65534, gid: 65534 } }) };
  const other = join(store.platform.log, 'other');
  writeFileSync(other, 'root:x\n', { mode: 0o640 });
  chmodSync(other, 0o640);
  linkSync(other, newest(store));
  const state = () => (({ uid, mode, ctimeMs }) => ({ uid, mode, ctimeMs }))(lstatSync(other));
  const before = state();
  await expect(appendLogLine(store, 'one')).rejects.toMatchObject({ code: 'io', message: /has a second name/ });
  expect([readFileSync(other, 'utf8'), state()]).toEqual(['root:x\n', before]);
});

it.skipIf(!needs('root', 'mount'))('(as root) a full disk is an error, and the next line is whole', async () => {
  const store = makeStore();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', store.platform.log]);
  onTestFinished(() => void execFileSync('umount', ['-l', store.platform.log]));
  const line = 'x'.repeat(3000);
  const call = async () => {
    for (let i = 0; i < 10; i++) await appendLogLine(store, line);
  };
  await expect(call()).rejects.toMatchObject({ code: 'disk-full' });
  const before = read(store).filter((one) => one === line).length;
  execFileSync('mount', ['-o', 'remount,size=64k', store.platform.log]);
  await appendLogLine(store, line);
  expect(read(store).filter((one) => one === line)).toHaveLength(before + 1);
});

describe('when it is full', () => {
  it('it becomes the part before; six parts are kept', async () => {
    const store = makeStore();
    for (let i = 0; i < 9; i++) await appendLogLine(store, `line ${i}`, 5);
    expect(readdirSync(store.platform.log).sort()).toEqual(
      ['', '.1', '.2', '.3', '.4', '.5'].map((end) => `operations.jsonl${end}`),
    );
    expect(read(store)).toEqual([3, 4, 5, 6, 7, 8].map((i) => `line ${i}`));
  });

  it('a rotation that died half-way costs no part', async () => {
    const store = makeStore();
    const parts = logParts(store);
    for (const [index, part] of parts.entries()) if (index !== 3) writeFileSync(part, `part ${index}\n`);
    await appendLogLine(store, 'new', 5);
    expect(read(store)).toEqual(['part 5', 'part 4', 'part 2', 'part 1', 'part 0', 'new']);
  });

  it('while another rotates it, a line is not held up', async () => {
    const store = makeStore();
    await appendLogLine(store, 'one');
    const options = { label: 'log', deadline: Date.now() + 1000 };
    await withLock(store.platform.locks, 'log', options, () => appendLogLine(store, 'two', 3));
    expect(read(store)).toEqual(['one', 'two']);
    expect(existsSync(`${newest(store)}.1`)).toBe(false);
  });
});

it('eight processes that write while it rotates: no line is lost, none is torn', async () => {
  const store = makeStore();
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const home = join(store.platform.libRoot, '..');
  const writers = names.map((name) => spawn('node', [writer, home, name, '200', '100000'], { stdio: 'inherit' }));
  const ends = await Promise.all(writers.map((child) => once(child, 'close')));
  expect(ends.map(([status]) => status)).toEqual(names.map(() => 0));
  const lines = read(store).map((line) => JSON.parse(line) as { name: string; i: number; padding: string });
  expect(existsSync(`${newest(store)}.2`)).toBe(true);
  for (const { name, i, padding } of lines) expect(padding).toBe(name.repeat((i * 37) % 400));
  const told = lines.map(({ name, i }) => `${name}${i}`).sort();
  expect(told).toEqual(names.flatMap((name) => Array.from({ length: 200 }, (_, i) => `${name}${i}`)).sort());
});

describe('a reader', () => {
  it('gives every line that any bytes hold, once', () => {
    const store = makeStore();
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 200 })), fc.boolean(), (texts, cut) => {
        const lines = texts.map((text) => text.replaceAll('\n', ''));
        writeFileSync(newest(store), lines.map((line) => `${line}\n`).join('') + (cut ? 'cut' : ''));
        expect(read(store)).toEqual(lines.filter((line) => line !== ''));
      }),
    );
  });

  it('does not hold a line that never ends', () => {
    const store = makeStore();
    writeFileSync(newest(store), `one\n${'x'.repeat(1_000_000)}\ntwo\n`);
    expect(read(store)).toEqual(['one', 'two']);
  });

  it('keeps the parts that it has opened, whatever becomes of their names', async () => {
    const store = makeStore();
    for (const line of ['one', 'two', 'three']) await appendLogLine(store, line, 1);
    const reader = openLogReader(store);
    for (let i = 0; i < 8; i++) await appendLogLine(store, 'later', 1);
    expect([...reader.lines()]).toEqual(['one', 'two', 'three']);
    reader.close();
  });

  it('follows over rotations, and hears who still had the old file open', async () => {
    const store = makeStore();
    await appendLogLine(store, 'before');
    const reader = openLogReader(store);
    const stop = new AbortController();
    const seen: string[] = [];
    const following = (async () => {
      for await (const line of reader.follow(stop.signal)) seen.push(line);
    })();
    const sees = async (...lines: string[]) => {
      while (seen.length < lines.length) await pause(10);
      expect(seen).toEqual(lines);
    };
    await sees('before');
    appendFileSync(newest(store), 'ha');
    await pause(200);
    appendFileSync(newest(store), 'lf\n');
    await sees('before', 'half');
    renameSync(newest(store), `${newest(store)}.1`);
    await appendLogLine(store, 'new');
    await sees('before', 'half', 'new');
    appendFileSync(`${newest(store)}.1`, 'late\n');
    await sees('before', 'half', 'new', 'late');
    for (let i = 0; i < 3; i++) await appendLogLine(store, `${i}`, 1);
    await sees('before', 'half', 'new', 'late', '0', '1', '2');
    stop.abort();
    await following;
    reader.close();
  });

  it('begins with a log that is not there yet', async () => {
    const store = makeStore();
    const reader = openLogReader(store);
    const lines = reader.follow(AbortSignal.timeout(10_000));
    setTimeout(() => appendLogLine(store, 'first'), 50);
    expect((await lines.next()).value).toBe('first');
    await lines.return(undefined);
    reader.close();
  });

  it.skipIf(!needs('root'))('(as another user) says that it may not', () => {
    const store = makeStore();
    mkdirSync(store.platform.log, { recursive: true });
    chmodSync(store.platform.log, 0o700);
    process.seteuid?.(65534);
    try {
      expect(() => read(store)).toThrow('permission denied');
    } finally {
      process.seteuid?.(0);
    }
  });
});
