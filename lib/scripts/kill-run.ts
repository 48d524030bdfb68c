import { uptime } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type RunningProcess, runningProcesses, send, variableOf } from './processes.ts';

/** The variable that tells the processes of one run from those of the runs before it in the same session. */
export const RUN_TAG = 'ADDONS_RUN';

/** One run in a lane's shell. */
export interface TaggedRun {
  tag: string;
  /** Pid, process group and session of the lane's shell. */
  shell: number;
  /** Milliseconds since it began. */
  age: number;
  /** Settles when the shell says that the script ended, or ends itself. */
  answer: Promise<unknown>;
}

/**
 * Ends every process of one run, and nothing else: TERM, after `grace` milliseconds KILL, until none is left.
 *
 * A daemon that an earlier run left in the same session survives: it carries another tag, or is older than the run. Where
 * that cannot be told, for want of `/proc`, the whole lane is killed. So is a shell that does not go on afterwards.
 */
export async function killRun(run: TaggedRun, grace: number): Promise<void> {
  const { shell, answer } = run;
  if (!(await killMembers(run, grace))) {
    send('SIGTERM', -shell);
    await delay(grace);
    send('SIGKILL', -shell);
  }
  const silence = new AbortController();
  const waited = delay(ANSWERS_WITHIN, 'silent', { signal: silence.signal }).catch(() => undefined);
  if ((await Promise.race([answer, waited])) === 'silent') send('SIGKILL', shell);
  silence.abort();
}

const SCAN_EVERY = 20; // ms
const KILL_TAKES_AT_MOST = 5000; // ms; what lives on hangs in the kernel
const ANSWERS_WITHIN = 1000; // ms; a shell that a script has stopped never does
const CLOCK_STEP = 0.02; // s; both clocks are read in steps of 0.01

async function killMembers(run: TaggedRun, grace: number): Promise<boolean> {
  const began = uptime() - run.age / 1000 - CLOCK_STEP;
  const asked = new Set<number>();
  const start = performance.now();
  while (performance.now() - start < grace + KILL_TAKES_AT_MOST) {
    const members = membersOf(run, began);
    if (members === undefined) return false;
    if (members.length === 0) return true;
    const kill = performance.now() - start >= grace;
    for (const pid of members) {
      if (kill) send('SIGKILL', pid);
      else if (!asked.has(pid)) send('SIGTERM', pid); // once: a second one could cut its tidying up short
      asked.add(pid);
    }
    await delay(Math.min(SCAN_EVERY, Math.max(grace, 1)));
  }
  return false;
}

const membersOf = ({ tag, shell }: TaggedRun, began: number) =>
  runningProcesses()
    ?.filter((one) => one.pid !== shell && one.pid !== process.pid && one.started >= began)
    .filter((one) => belongsTo(tag, shell, one))
    .map(({ pid }) => pid);

function belongsTo(tag: string, shell: number, { pid, session }: RunningProcess): boolean {
  const found = variableOf(pid, RUN_TAG);
  if (found !== undefined) return found === tag;
  // Between fork and exec, under `env -i`, or after setproctitle wrote over it, there is no tag to be read.
  return session === shell;
}
