import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { CronJob } from '../addon/cron.ts';
import { AddonsError, systemCode } from '../errors.ts';
import { send } from '../scripts/processes.ts';

/** One run of a job. */
export interface JobRun {
  job: CronJob;
  /** All variables of the command. */
  env: Readonly<Record<string, string>>;
  cwd: string;
  /** File that is locked while it runs. It exists and may be opened by this user. */
  lock: string;
  /** Ends the command and all that it started. */
  signal: AbortSignal | undefined;
  /** Told once it runs: it was not left out. */
  onStart(): void;
  /** Told what it writes, some lines at a time. */
  onOutput(text: string): void;
}

/**
 * Runs a job to its end and gives its exit status, 128 + n where signal n ended it, 124 where its time was up; `busy` where
 * another run of it is under way. What it left running holds nobody up.
 *
 * @throws {AddonsError} `io` where the programs that it needs are not there
 */
export async function runJob({ job, env, cwd, lock, signal, onStart, onOutput }: JobRun): Promise<number | 'busy'> {
  const [program = '', ...words] = jobCommand(job, lock);
  // The lock is the kernel's, and held by a process beside the command: it is free when that ends, however this one ends.
  const child = spawn(program, words, { env, cwd, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const told = child.stdio[3] as Readable; // a pipe, as asked for
  const streams = [child.stdout as Readable, child.stderr as Readable, told]; // likewise
  let pid: number | undefined;
  // `timeout` passes it on to all that the command started; what holds the lock would only let go of it.
  const stop = () => void (pid === undefined ? child.kill('SIGTERM') : send('SIGTERM', pid));
  told.once('data', (text: Buffer) => {
    pid = Number(text.toString());
    onStart();
    if (signal?.aborted) stop();
  });
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const flushes = streams.slice(0, 2).map((stream) => passLines(stream, onOutput));
    const closed = new Promise((resolve) => child.once('close', resolve));
    const status = await ended(child);
    await Promise.race([closed, pause(DRAIN)]);
    for (const stream of streams) stream.destroy();
    for (const flush of flushes) flush();
    return pid === undefined && status === BUSY ? 'busy' : status;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

const ended = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    child.once('error', (error) => reject(notStarted(error)));
    child.once('exit', (status, signal) => resolve(status ?? 128 + (signal ? constants.signals[signal] : 0)));
  });

/** Milliseconds for what was written and not yet read, while something that was left behind holds the pipe. */
const DRAIN = 500;
/** `EX_TEMPFAIL`: nothing was started. A command that gives it itself is told from that by `onStart`. */
const BUSY = 75;
/** Seconds from TERM to KILL. */
const GRACE = 10;

/** The command with all that is around it, as words. */
export function jobCommand({ command, timeout, nice, ionice, lock }: CronJob, file: string): string[] {
  return [
    ...(lock ? ['flock', '-n', '-o', '-E', String(BUSY), '--', file] : []),
    ...['sh', '-c', 'echo $$ >&3; exec 3>&-; exec "$@"', 'cronwrap'],
    ...['timeout', '-k', String(GRACE), String(timeout)],
    ...(nice === undefined ? [] : ['nice', '-n', String(nice)]),
    // What this user may not set does not keep the job from running.
    ...(ionice === undefined ? [] : ['ionice', '-t', '-c', ionice]),
    ...command,
  ];
}

/** Passes whole lines on; gives what passes the rest. */
function passLines(stream: Readable, onOutput: (text: string) => void): () => void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    rest += text;
    const end = rest.length > LONGEST ? rest.length : rest.lastIndexOf('\n') + 1;
    if (end > 0) onOutput(rest.slice(0, end));
    rest = rest.slice(end);
  });
  stream.on('error', () => {});
  return () => {
    if (rest !== '') onOutput(`${rest}\n`);
    rest = '';
  };
}

/** Characters of a line that are waited for. */
const LONGEST = 64 * 1024;

const notStarted = (error: unknown) =>
  new AddonsError('io', `The job could not be started: ${systemCode(error) ?? 'unknown reason'}.`, {
    hint: 'See that flock, timeout, nice and ionice are installed (on Debian: util-linux and coreutils).',
    cause: error,
  });
