import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Addons, LogEntry } from '../../../lib/operations/results.ts';
import { CLI } from '../../examples/cli.ts';
import { type } from '../fixtures/type.ts';

const ADD: LogEntry = {
  time: '2026-11-21T10:02:11.000Z',
  user: 'root',
  sudo: 'ann',
  pid: 17,
  what: 'add',
  app: 'shop',
  addon: 'db',
  outcome: 'done',
  duration: 312,
  operation: 'mwpjbfg26e1d',
};
const FAILED: LogEntry = {
  time: '2026-11-21T10:02:12.000Z',
  user: 'root',
  pid: 17,
  what: 'release',
  app: 'blog',
  outcome: 'failed',
  error: { code: 'release-failed', message: 'url of db\u001b[2J failed.' },
  duration: 12_049,
};

/** Types `log` and more on a platform that logged these. */
async function typed(words: string[], entries: LogEntry[] = [ADD, FAILED], signal?: AbortSignal) {
  const asked: unknown[] = [];
  const addons: Pick<Addons, 'log'> = {
    async *log(about, options) {
      asked.push([about?.name, options?.follow, options?.last]);
      yield* entries;
      if (options?.follow) while (!signal?.aborted) await pause(10);
    },
  };
  return { ...(await type(['log', ...words], { addons, ...(signal && { signal }) })), asked };
}

const zone = process.env.TZ;
beforeAll(() => {
  process.env.TZ = 'Asia/Kolkata';
});
afterAll(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

test('one line an operation, in local time, with the error; nothing in it steers the terminal', async () => {
  expect(await typed([])).toMatchObject({
    status: 0,
    stderr: '',
    stdout: `2026-11-21 15:32:11  root (sudo: ann)  add shop db  done  0.3 s  mwpjbfg26e1d
2026-11-21 15:32:12  root  release blog  failed  12.0 s  url of db\\x1b[2J failed.
`,
  });
});

test('the newest 50, or as many as asked for, of an app or add-on', async () => {
  expect((await typed([])).asked).toEqual([[undefined, false, 50]]);
  expect((await typed(['db', '--last', '0'])).asked).toEqual([['db', false, 0]]);
  for (const last of ['-1', '1.5', 'all', '']) {
    expect(await typed([`--last=${last}`])).toMatchObject({ status: 2, asked: [] });
  }
});

test('says on stderr that there is nothing', async () => {
  expect(await typed([], [])).toMatchObject({ status: 0, stdout: '', stderr: '       Nothing was logged.\n' });
});

test('json is one document', async () => {
  expect((await typed(['--json'])).json()).toEqual({ version: 1, command: 'log', result: { entries: [ADD, FAILED] } });
});

describe('--follow', () => {
  test('goes on until a signal; that is no failure', async () => {
    const seen = await typed(['--follow'], [ADD], AbortSignal.timeout(100));
    expect(seen).toMatchObject({
      status: 0,
      asked: [[undefined, true, 50]],
      stdout: expect.stringMatching(/^.*mwpj.*\n$/),
    });
  });

  test('with --json prints one object a line, and no document', async () => {
    const { stdout } = await typed(['--follow', '--json'], [ADD, FAILED], AbortSignal.timeout(100));
    expect(stdout).toBe(`${JSON.stringify(ADD)}\n${JSON.stringify(FAILED)}\n`);
  });
});

describe('a real process that follows', () => {
  function follow() {
    const home = mkdtempSync(join(tmpdir(), 'log-'));
    mkdirSync(join(home, 'lib/log'), { recursive: true });
    const child = spawn(process.execPath, [CLI, 'log', '--follow', '--json', '--home', home]);
    onTestFinished(() => {
      child.kill('SIGKILL');
      rmSync(home, { recursive: true, force: true });
    });
    const append = (entry: LogEntry) =>
      appendFileSync(join(home, 'lib/log/operations.jsonl'), `${JSON.stringify(entry)}\n`);
    return { child, append };
  }

  test('shows what happens, and ends with 0 at Ctrl-C', async () => {
    const { child, append } = follow();
    append(ADD);
    expect(JSON.parse(String((await once(child.stdout, 'data'))[0]))).toEqual(ADD);
    append(FAILED);
    expect(JSON.parse(String((await once(child.stdout, 'data'))[0]))).toEqual(FAILED);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('ends when nobody reads it any more', async () => {
    const { child, append } = follow();
    append(ADD);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const ended = once(child, 'exit');
    const writing = setInterval(() => append(FAILED), 50);
    expect(await ended.finally(() => clearInterval(writing))).toEqual([0, null]);
  });
});
