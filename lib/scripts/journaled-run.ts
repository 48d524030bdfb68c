import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AddonsError } from '../errors.ts';
import type { Entry } from '../state/journal.ts';
import { currentProcess, groupLiveness, killGroup, type ProcessIdentity } from '../state/process-identity.ts';
import { openRun, type Run, readRun } from '../state/runs.ts';
import type { Store } from '../state/store.ts';
import { WRAPPER, WRAPPER_STATUS } from './wrapper.ts';

export interface JournaledScript {
  script: string;
  /** Absolute path of the script. */
  path: string;
  args: string[];
  /** File that it reads on stdin; default: none. */
  input?: string;
  /** unprovision: the id it is for, kept with the run. */
  argument?: string;
  env: Record<string, string>;
  cwd: string;
  /** Milliseconds. */
  timeout: number;
}

export interface RunControl {
  signal?: AbortSignal | undefined;
  /** File descriptor that gets stderr; nothing of it is kept then. */
  trace?: number | undefined;
}

/** Milliseconds between TERM and KILL. */
const GRACE = 2000;
const WATCH_INTERVAL = 200;
const LIMITS = { out: 64 * 1024, chatty: 64 * 1024 * 1024 };
/** Scripts whose output has a meaning: one short line. */
const TERSE = new Set(['provision', 'rotate']);

/**
 * Runs a script for an operation so that its result survives this process.
 *
 * Returns when the script ended, or its process group was killed and is gone.
 *
 * @throws {AddonsError} `disk-full` when it could not start; the run then counts as never started
 */
export async function runJournaled(
  store: Store,
  entry: Entry,
  { script, path, args, input = '/dev/null', argument, env, cwd, timeout }: JournaledScript,
  { signal, trace }: RunControl,
): Promise<Run> {
  if (signal?.aborted)
    throw new AddonsError('aborted', `Interrupted before ${script} of ${entry.operation.addon} was started.`);
  const run = await openRun(store, entry, { script, argument, deadline: Date.now() + timeout });
  const { execa } = await import('execa');
  const owner = store.libOwner ? `${store.libOwner.uid}:${store.libOwner.gid}` : '';
  const here = JSON.stringify(currentProcess());
  const wrapper = execa(
    '/bin/sh',
    ['-c', WRAPPER, 'sh', run.path, here, owner, trace === undefined ? '' : '1', input, path, ...args],
    {
      cwd,
      env,
      extendEnv: false,
      detached: true, // a process group of its own
      cleanup: false, // it outlives us
      buffer: false,
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: trace === undefined ? 'ignore' : (trace as 2), // execa's types name only 1 to 9; any descriptor works
      reject: false,
      verbose: 'none',
    },
  );
  const stopped = await watch(run, wrapper, { signal, timeout });
  const { exitCode } = await wrapper;
  if (exitCode === WRAPPER_STATUS.diskFull) {
    throw new AddonsError(
      'disk-full',
      `No space is left for the result of ${script} in ${store.platform.journal}; it was not started.`,
      {
        hint: 'Free some space and run the command again: nothing was lost.',
        details: { script, addon: entry.operation.addon, operation: entry.operation.id },
      },
    );
  }
  const ended = { ...(readRun(run.path, run.number) ?? run), ...(stopped && { stopped }) };
  entry.runs[entry.runs.length - 1] = ended;
  return ended;
}

/** Waits for a run that somebody else started; past its deadline its group is killed and waited for. */
export async function awaitRun(
  run: Run,
  leader: ProcessIdentity,
  signal: AbortSignal | undefined,
  until: number,
): Promise<boolean> {
  for (;;) {
    if (readRun(run.path, run.number)?.exit || groupLiveness(leader) === 'dead') return true;
    if (signal?.aborted) throw new AddonsError('aborted', `Interrupted while waiting for ${run.script}.`);
    if (Date.now() > run.deadline && groupLiveness(leader) === 'alive') await stop(leader);
    else if (Date.now() > until) return false;
    else await sleep(50);
  }
}

async function watch(
  run: Run,
  wrapper: Promise<unknown> & { pid?: number | undefined },
  { signal, timeout }: { signal: AbortSignal | undefined; timeout: number },
): Promise<Run['stopped']> {
  const { pid } = wrapper;
  if (pid === undefined) return undefined; // it could not be started; the caller reads why
  let stopped: Run['stopped'];
  let kill: (why: NonNullable<Run['stopped']>) => void = () => {};
  const killed = new Promise<void>((resolve) => {
    kill = (why) => {
      stopped ??= why;
      resolve();
    };
  });
  const timer = setTimeout(() => kill('timeout'), timeout);
  const onAbort = () => kill('aborted');
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) onAbort();
  const flood = setInterval(() => isFlooding(run) && kill('too-much-output'), WATCH_INTERVAL);
  try {
    await Promise.race([wrapper, killed]);
    if (stopped !== undefined) await stop({ ...currentProcess(), pid, start: '' });
  } finally {
    clearTimeout(timer);
    clearInterval(flood);
    signal?.removeEventListener('abort', onAbort);
  }
  return stopped;
}

/** TERM, then KILL, until no member of the group is left. */
async function stop(leader: ProcessIdentity): Promise<void> {
  killGroup(leader, 'SIGTERM');
  for (const killAt = Date.now() + GRACE; groupLiveness(leader) === 'alive'; ) {
    if (Date.now() > killAt) killGroup(leader, 'SIGKILL');
    await sleep(20);
  }
}

function isFlooding(run: Run): boolean {
  const size = (name: string) => statSync(join(run.path, name), { throwIfNoEntry: false })?.size ?? 0;
  return size('out') > (TERSE.has(run.script) ? LIMITS.out : LIMITS.chatty) || size('err') > LIMITS.chatty;
}
