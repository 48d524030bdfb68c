import type { ChildProcess } from 'node:child_process';
import { basename } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { AddonsError, type ErrorCode } from '../errors.ts';
import { ATTENDED } from './attended.ts';
import { groupRuns, send } from './processes.ts';

/** One program of somebody else's and where its streams go. */
export type ScriptRun = Program & (Descriptors | Conversation);

/** Streams of a program that is waited for. */
interface Descriptors {
  /** Open file descriptor; empty by default. */
  stdin?: number | undefined;
  /** Open file descriptors, never pipes that this process reads: a daemon left behind would hold them open. */
  stdout: number;
  stderr: number;
  talk?: undefined;
}

/** Streams of a program that is talked to. Nothing of its group outlives it, or this process. */
interface Conversation {
  /** Handed over as soon as it runs; `stderr` is null where a descriptor gets it. */
  talk: (pipes: Pipes) => void;
  /** Open file descriptor instead of a pipe. */
  stderr?: number | undefined;
}

export interface Pipes {
  stdin: Writable;
  stdout: Readable;
  stderr: Readable | null;
}

interface Program {
  /** Absolute path. */
  path: string;
  args: readonly string[];
  /** The whole environment: nothing is inherited. */
  env: Readonly<Record<string, string>>;
  cwd: string;
  /** Milliseconds. */
  timeout: number;
  signal?: AbortSignal | undefined;
  /** Milliseconds between TERM and KILL, default 2000. */
  grace?: number | undefined;
  /** Told the process group as soon as the script runs. */
  onStart?: ((group: number) => void) | undefined;
}

/** How it ended. */
export interface ScriptEnd {
  /** Null when a signal ended it or it was not started. */
  exit: number | null;
  signal: string | null;
  timedOut: boolean;
  aborted: boolean;
}

/**
 * Runs one program that is not journaled, in its own session. Resolves as soon as the script itself ended, whatever it left
 * behind; on timeout or abort as soon as no process of its group is left. A failing script is a result, not an error.
 *
 * @throws {AddonsError} `script-not-found`, `permission` or `io` when it cannot be started
 */
export async function runScript(run: ScriptRun): Promise<ScriptEnd> {
  const { execa } = await import('execa');
  const program: [string, ...string[]] = run.talk ? ['/bin/sh', '-c', ATTENDED, 'sh', run.path] : [run.path];
  for (let attempt = 1; ; attempt++) {
    if (run.signal?.aborted) return { exit: null, signal: null, timedOut: false, aborted: true };
    const child = execa(program[0], [...program.slice(1), ...run.args], {
      cwd: run.cwd,
      env: run.env,
      extendEnv: false,
      detached: true, // a process group of its own
      cleanup: false,
      buffer: false,
      stdio: stdioOf(run),
      reject: false,
      verbose: 'none', // NODE_DEBUG=execa would print the arguments
    });
    if (child.pid !== undefined) {
      run.onStart?.(child.pid);
      return run.talk ? converse(child, child.pid, run) : supervise(child, child.pid, run);
    }
    const { code } = await child;
    // A script without `#!` is the shell's, as for execvp and for every shell.
    if (code === 'ENOEXEC' && program.length === 1) program.unshift('/bin/sh');
    else if (code === 'ETXTBSY' && attempt < BUSY_ATTEMPTS) await delay(BUSY_WAIT);
    else throw notStarted(run, code);
  }
}

const BUSY_ATTEMPTS = 25;
const BUSY_WAIT = 20; // ms

function stdioOf(run: ScriptRun) {
  if (run.talk) return ['pipe', 'pipe', run.stderr === undefined ? 'pipe' : descriptor(run.stderr), 'pipe'] as const;
  const stdin = run.stdin === undefined ? 'ignore' : descriptor(run.stdin);
  return [stdin, descriptor(run.stdout), descriptor(run.stderr)] as const;
}

// execa takes any descriptor; its types end at 9.
const descriptor = (fd: number) => fd as 3;

/** Ends with the program and not with its pipes, which something that it left behind may hold. */
async function converse(child: ChildProcess, group: number, run: Program & Conversation): Promise<ScriptEnd> {
  const { stdin, stdout, stderr, stdio } = child;
  const exited = new Promise<{ exitCode?: number; signal?: string }>((resolve) => {
    child.once('exit', (code, signal) =>
      resolve({ ...(code !== null && { exitCode: code }), ...(signal !== null && { signal }) }),
    );
  });
  if (stdin && stdout) run.talk({ stdin, stdout, stderr });
  try {
    return await supervise(exited, group, run);
  } finally {
    if (groupRuns(group)) await killGroup(group, 0);
    if (stdout) await lastWordsOf(stdout);
    for (const stream of stdio) stream?.destroy();
  }
}

/** What it wrote just before its end may still be on its way. */
async function lastWordsOf(stdout: Readable): Promise<void> {
  if (stdout.readableEnded || !stdout.readableFlowing) return;
  const read = new AbortController();
  stdout.once('close', () => read.abort());
  await delay(LAST_WORDS_TAKE, undefined, { signal: read.signal }).catch(() => {});
}

async function supervise(
  child: PromiseLike<{ exitCode?: number; signal?: string }>,
  group: number,
  { signal, timeout, grace = 2000 }: Program,
): Promise<ScriptEnd> {
  let why: 'timedOut' | 'aborted' | undefined;
  let killed: Promise<void> | undefined;
  const stop = (reason: 'timedOut' | 'aborted') => {
    if (why !== undefined) return;
    why = reason;
    killed = killGroup(group, grace);
  };
  const onAbort = () => stop('aborted');
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(stop, timeout, 'timedOut');
  try {
    const end = await child;
    await killed;
    return {
      exit: end.exitCode ?? null,
      signal: end.signal ?? null,
      timedOut: why === 'timedOut',
      aborted: why === 'aborted',
    };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

async function killGroup(group: number, grace: number): Promise<void> {
  const begun = performance.now();
  const lasted = () => performance.now() - begun;
  send('SIGTERM', -group);
  while (groupRuns(group) && lasted() < grace + KILL_TAKES_AT_MOST) {
    if (lasted() >= grace) send('SIGKILL', -group);
    await delay(LOOK_EVERY);
  }
}

const LAST_WORDS_TAKE = 200; // ms
const LOOK_EVERY = 20; // ms
const KILL_TAKES_AT_MOST = 5000; // ms; what lives on hangs in the kernel

// Without a cause: what execa throws holds the arguments, secrets included.
function notStarted({ path, cwd }: ScriptRun, code = 'unknown reason'): AddonsError {
  const [kind, hint] = STARTING_FAILED[code] ?? ['io', 'Try again when the machine is less busy.'];
  return new AddonsError(kind, `Cannot start ${path} in ${cwd}: ${code}.`, {
    hint,
    details: { script: basename(path) },
  });
}

const STARTING_FAILED: Record<string, [ErrorCode, string]> = {
  ENOENT: ['script-not-found', 'See that both are there, and that the program after "#!" in the script is installed.'],
  EACCES: ['permission', 'Give this user the right to run it and to enter that directory.'],
  ETXTBSY: ['io', 'Something has it open for writing: try again when that is done.'],
};
