import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect } from 'vitest';

// Its types name the module but not an ES default export; require gives what the types say.
const { Database }: typeof import('node-sqlite3-wasm') = createRequire(import.meta.url)('node-sqlite3-wasm');

export const ROOT = fileURLToPath(new URL('../../addons/db', import.meta.url));
export const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
export const found = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
export const hasSqlite3 = found('sqlite3');

export let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'db-add-on-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

// What an add-on's caller does, in the small.

export interface ScriptOutcome {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export const success = (stdout: string): ScriptOutcome => ({ status: 0, signal: null, stdout, stderr: '' });

export const environment = (data: string, more: Record<string, string> = {}) => ({
  PATH,
  HOME: home,
  LANG: 'C.UTF-8',
  ADDON: 'db',
  ADDON_ROOT: ROOT,
  ADDON_DATA: data,
  ADDONS_PLATFORM: 'x',
  ...more,
});

export function run(
  data: string,
  script: string,
  args: string[] = [],
  more: Record<string, string> = {},
  input?: Buffer,
) {
  const { status, signal, stdout, stderr } = spawnSync(join(ROOT, script), args, {
    cwd: ROOT,
    env: environment(data, more),
    encoding: 'utf8',
    input: input ?? Buffer.alloc(0),
    timeout: 30_000,
  });
  return { status, signal, stdout, stderr };
}

export const shell = (data: string, line: string, more: Record<string, string> = {}) =>
  spawnSync('sh', ['-c', line], { cwd: ROOT, env: environment(data, more), encoding: 'utf8' });

export function start(data: string, [script = '', ...args]: string[], more: Record<string, string>, stdin?: string) {
  const path = join(ROOT, script);
  const line = stdin === undefined ? 'exec "$@"' : `exec "$@" <'${stdin}'`;
  return spawn('sh', ['-c', line, 'sh', path, ...args], {
    cwd: ROOT,
    env: environment(data, more),
    detached: true,
    stdio: 'ignore',
  });
}

export async function killGroup(running: ChildProcess) {
  const ended = running.exitCode === null && running.signalCode === null ? once(running, 'exit') : undefined;
  try {
    if (running.pid !== undefined) process.kill(-running.pid, 'SIGKILL');
  } catch {
    // All of them have ended by themselves.
  }
  await ended;
}

// Each program that the script starts is a step; the one that is numbered kills the script instead of doing its work.
export function runKilledAt(data: string, script: string, argument: string, step: number) {
  const steps = join(home, `steps-${script}-${step}`);
  const shims = join(home, 'shims');
  if (!existsSync(shims)) {
    mkdirSync(shims);
    for (const program of ['mkdir', 'mv', 'rm', 'sync']) {
      const text = `#!/bin/sh
printf x >>"$STEPS"
if [ "$(wc -c <"$STEPS")" -eq "$KILL_AT" ]; then kill -9 "$PPID"; exit 1; fi
PATH='${PATH}' exec ${program} "$@"
`;
      writeFileSync(join(shims, program), text);
      chmodSync(join(shims, program), 0o755);
    }
  }
  const more = { PATH: `${shims}:${PATH}`, STEPS: steps, KILL_AT: String(step), ADDONS_OP_ID: 'op-1' };
  return run(data, script, [argument], more);
}

export const freshData = (name = 'db') => {
  const data = join(home, '.add-ons', name);
  mkdirSync(data, { recursive: true });
  return data;
};

export function enabled(name?: string) {
  const data = freshData(name);
  expect(run(data, 'enable')).toEqual(success(''));
  return data;
}

export function provision(data: string, app: string, operation: string) {
  const outcome = run(data, 'provision', [app], { ADDONS_OP_ID: operation });
  expect(outcome).toMatchObject({ status: 0, stderr: '' });
  return outcome.stdout.replace(';\n', '');
}

export const list = (data: string) => run(data, 'list').stdout.split('\n').filter(Boolean);
export const everythingIn = (data: string) => readdirSync(join(data, 'databases')).sort();
export const fileOf = (data: string, id: string) => join(data, 'databases', id, 'database.sqlite');

export function dumpOf(data: string, id: string) {
  const outcome = spawnSync(join(ROOT, 'dump'), [id, ''], {
    cwd: ROOT,
    env: environment(data),
    maxBuffer: 1 << 28,
    timeout: 30_000,
  });
  expect({ status: outcome.status, stderr: outcome.stderr.toString() }).toEqual({ status: 0, stderr: '' });
  return outcome.stdout;
}

export const restore = (data: string, id: string, dump: Buffer, more?: Record<string, string>) =>
  run(data, 'restore', [id, ''], more, dump);

export const sql = (data: string, id: string, text: string) => query(fileOf(data, id), text);

export function query(file: string, text: string) {
  const args = ['-batch', '-bail', '-init', '/dev/null', file, '.timeout 20000', text];
  const outcome = spawnSync('sqlite3', args, { encoding: 'utf8' });
  expect(outcome.stderr).toBe('');
  return outcome.stdout.trimEnd();
}

// A second implementation of SQLite, as an app would bring it.
export function useAsApp(file: string) {
  const database = new Database(file, { fileMustExist: true });
  try {
    database.exec("CREATE TABLE t(x); INSERT INTO t VALUES('written')");
    return database.get('SELECT x FROM t')?.x;
  } finally {
    database.close();
  }
}

export const manyRows = (count: number) =>
  `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${count}) SELECT i, hex(randomblob(500)) FROM c`;

export const modesIn = (directory: string) =>
  Object.fromEntries(
    ['.', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })]
      .sort()
      .map((name) => [name, (lstatSync(join(directory, name)).mode & 0o777).toString(8)]),
  );

export function programs(...names: string[]) {
  const directory = join(home, 'programs');
  mkdirSync(directory);
  for (const name of names) {
    symlinkSync(
      spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim(),
      join(directory, name),
    );
  }
  return directory;
}

export async function until(condition: () => boolean) {
  for (const end = Date.now() + 60_000; !condition(); await sleep(10)) {
    if (Date.now() > end) throw new Error('The writer does not get on.');
  }
}
