import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, rmSync, writeFileSync } from 'node:fs';
import { AddonsError, fromSystem, systemCode } from '../errors.ts';
import { newOutput, openOutputs } from '../scripts/outputs.ts';

/** Whose crontab, and with which programs it is read and written. */
export interface CrontabUser {
  name: string;
  /** Given to `crontab -u`: root writes that of the platform's own user. */
  isOther: boolean;
  /** A directory that all platforms of the user lock, one after the other. */
  lock: string;
  /** Directory for a file, private to this user. */
  scratch: string;
  /** `PATH` that `crontab` and `flock` are looked for in. */
  path: string;
}

/** `the crontab of USER`, for messages. */
export const crontabOf = ({ name }: Pick<CrontabUser, 'name'>): string => `the crontab of ${name}`;

/**
 * The crontab, a character for each byte. Only "no crontab" means that there is none: taking any other error for that would
 * lose all jobs.
 *
 * @throws {AddonsError} `io`, `permission`
 */
export async function readCrontab(user: CrontabUser): Promise<string> {
  const { status, out, err } = await run(user, ['-l']);
  if (status === 0) return out;
  if (status === 1 && out === '' && /^(crontab: )?no crontab for \S+$/.test(err)) return '';
  throw failed(user, 'read', err, status);
}

/**
 * Changes the crontab, alone among all who use this function as this user.
 *
 * @param change from the text as it is to that it shall be; the same text is not written
 * @throws {AddonsError} `io`, `permission`, `busy`; `conflict` where something else was in it afterwards; what `change` throws
 */
export async function changeCrontab(
  user: CrontabUser,
  wait: number,
  change: (crontab: string) => string,
): Promise<boolean> {
  const release = await lock(user, wait);
  try {
    const before = await readCrontab(user);
    const after = change(before);
    if (after === before) return false;
    const { status, err } = await write(user, after);
    if (status !== 0) throw failed(user, 'written', err, status);
    if ((await readCrontab(user)) !== after) throw changed(user);
    return true;
  } finally {
    release();
  }
}

/** Milliseconds that `crontab` may take. */
const PATIENCE = 30_000;

interface Ended {
  status: number;
  out: string;
  err: string;
}

/** From a file that is whole: where this process is killed, a pipe would end early, and cut the crontab short. */
async function write(user: CrontabUser, crontab: string): Promise<Ended> {
  openOutputs(user.scratch);
  const { path, fd } = newOutput(user.scratch, 'out');
  try {
    writeFileSync(fd, crontab, 'latin1');
    return await run(user, [path]);
  } catch (error) {
    throw fromSystem(error, path);
  } finally {
    closeSync(fd);
    rmSync(path, { force: true });
  }
}

async function run({ name, isOther, path }: CrontabUser, words: readonly string[]): Promise<Ended> {
  const child = spawn('crontab', [...(isOther ? ['-u', name] : []), ...words], {
    env: { PATH: path, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE,
    killSignal: 'SIGKILL',
  });
  const out = collected(child.stdout);
  const err = collected(child.stderr);
  try {
    const [status] = await once(child, 'close');
    return { status: status ?? -1, out: out(), err: err().trim() };
  } catch (error) {
    throw notRun('crontab', error);
  }
}

function collected(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('latin1');
}

/**
 * A lock of the kernel, held by a child that ends with its stdin: nothing is left of it, however this process ends. The
 * directory is only opened.
 */
async function lock({ lock, path, name }: CrontabUser, wait: number): Promise<() => void> {
  const seconds = Math.max(wait / 1000, 0.001).toFixed(3);
  const child = spawn('flock', ['-w', seconds, '--', lock, 'sh', '-c', 'echo; exec cat >/dev/null'], {
    env: { PATH: path, LC_ALL: 'C' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const err = collected(child.stderr);
  child.stdin.on('error', () => {});
  const status = await taken(child);
  if (status === 'taken') return () => void child.stdin.end();
  if (status !== 1 || err() !== '') throw failed({ name }, 'locked', err().trim(), status);
  throw new AddonsError('busy', `Another process is at work on ${crontabOf({ name })}.`, {
    hint: 'Wait for it to end and run the command again, or wait longer with --wait SECONDS.',
  });
}

function taken(child: ChildProcess): Promise<'taken' | number> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', () => resolve('taken'));
    child.once('error', (error) => reject(notRun('flock', error)));
    child.once('close', (status) => resolve(status ?? -1));
  });
}

const notRun = (program: string, error: unknown) =>
  new AddonsError('io', `The program ${program} could not be started: ${systemCode(error) ?? 'unknown reason'}.`, {
    hint:
      program === 'crontab'
        ? 'Install cron (on Debian: apt-get install cron), then: addons check --fix'
        : 'Install it (on Debian it is in util-linux), then: addons check --fix',
    cause: error,
  });

function failed(user: Pick<CrontabUser, 'name'>, done: string, err: string, status: number): AddonsError {
  const why = err.split('\n')[0] || `crontab ended with exit status ${status}`;
  const code = /allow|permission|denied/i.test(err) ? 'permission' : 'io';
  const what = crontabOf(user);
  return new AddonsError(code, `${what.charAt(0).toUpperCase()}${what.slice(1)} could not be ${done}: ${why}.`, {
    hint: 'See what "crontab -l" says as that user; then: addons check --fix',
  });
}

const changed = (user: CrontabUser) =>
  new AddonsError('conflict', `Something else changed ${crontabOf(user)} at the same moment.`, {
    hint: 'Close other editors of it, then: addons check --fix',
  });
