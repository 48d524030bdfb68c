import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nonce } from '../state/nonce.ts';
import { killRun } from './kill-run.ts';
import { laneAborted, laneKilled, laneNotStarted, unspeakableJob } from './lane-errors.ts';
import { openLanePool } from './lane-pool.ts';
import type { LaneShell } from './lane-shell.ts';
import { OUT_LIMIT, openOutputs, outgrown, outputOwner, takeErr, takeOut } from './outputs.ts';
import type { JobResult, UrlJob } from './url-job.ts';

export type { JobResult, UrlJob } from './url-job.ts';

export interface Lanes {
  /**
   * Runs the script when its turn comes. A failing script is a result, not an error.
   *
   * @throws {AddonsError} `aborted` (killed, if it had begun), `script-failed` (its lane was killed), `io` (no shell)
   */
  run(job: UrlJob, signal?: AbortSignal): Promise<JobResult>;
  /** Kills what still runs, ends the lanes, and resolves when no process and no file of theirs is left. */
  close(): Promise<void>;
}

export interface LanesOptions {
  /** Directory of the output files; created, and kept private to this user. */
  outputs: string;
  /** Scripts at once, over all add-ons. */
  width: number;
  /** File descriptor that gets the scripts' stderr; nothing of it is kept. */
  trace?: number | undefined;
  /** Milliseconds between TERM and KILL, default 2000. */
  grace?: number | undefined;
  /** Told what every run that began came to, also where `run` gives an error. */
  onEnd?: ((job: UrlJob, result: JobResult) => void) | undefined;
  /** Another shell for the lanes than `/bin/sh`; its name must be `sh`. */
  shell?: string;
}

/**
 * Long-lived shells that run `url` scripts: starting a script from one costs a third of what `child_process` takes.
 *
 * @example
 * const lanes = openLanes({ outputs: platform.outputs, width: 3 });
 * try { await lanes.run({ addon: 'db', script, cwd, env, id, private: secret, timeout: 30_000 }) } finally { await lanes.close() }
 * @throws {AddonsError} `permission`, `disk-full`, `read-only`, `io`: the directory cannot be used
 */
export function openLanes(options: LanesOptions): Lanes {
  const { outputs, width, trace, grace = 2000, onEnd, shell = '/bin/sh' } = options;
  openOutputs(outputs);
  const owner = `${outputOwner()}-${nonce()}`;
  const pool = openLanePool({ outputs, owner, trace, shell });
  const waiting: Task[] = [];
  const running = new Set<Run>();
  let runs = 0;
  let watch: NodeJS.Timeout | undefined;
  let closed = false;
  let onDrained = () => {};

  const pump = () => {
    while (running.size < width) {
      const task = nextTask();
      if (task === undefined) break;
      void perform(task);
    }
    // It also keeps this process alive, which the lanes do not.
    if (running.size > 0) watch ??= setInterval(look, LOOK_EVERY);
    else {
      clearInterval(watch);
      watch = undefined;
      onDrained();
    }
  };

  // One that an idle lane is set up for, if it stands near the front: setting a lane up anew costs a tenth of a run.
  const nextTask = (): Task | undefined => {
    const near = waiting.slice(0, LOOK_AHEAD).findIndex(({ job }) => pool.isReadyFor(job));
    return waiting.splice(Math.max(0, near), 1)[0];
  };

  const perform = async (task: Task) => {
    let run: Run | undefined;
    try {
      run = begin(task);
      running.add(run);
      const status = await run.answer;
      await run.stopped;
      settle(run, status);
    } catch (error) {
      task.reject(run ? error : laneNotStarted(task.job, error));
    }
    if (run) running.delete(run);
    // Not at once: a shell that cannot be started fails in the same turn, and so would all that wait, one in the other.
    queueMicrotask(pump);
  };

  const begin = (task: Task): Run => {
    const lane = pool.take(task.job);
    const tag = `${owner}-${++runs}`;
    const answer = lane.run(runs, task.job);
    return { task, lane, tag, path: join(outputs, tag), began: performance.now(), date: Date.now(), answer };
  };

  const settle = (run: Run, status: number | undefined) => {
    const { task, lane, path, why } = run;
    const lost = status === undefined && why === undefined;
    // The lane had ended before it read the job: nothing was begun, so it may be tried again.
    if (lost && !lane.failure && !task.again && !closed && !existsSync(`${path}.out`)) {
      waiting.unshift({ ...task, again: true });
      return;
    }
    if (status !== undefined) pool.giveBack(task.job, lane);
    const result = resultOf(run, status, trace !== undefined);
    if (!lane.failure) onEnd?.(task.job, result);
    if (why === 'aborted') task.reject(laneAborted(task.job));
    else if (lane.failure) task.reject(laneNotStarted(task.job, lane.failure));
    else if (lost) task.reject(laneKilled(task.job));
    else task.resolve(result);
  };

  // One look at all instead of timers and listeners for each: most scripts are over before the first.
  const look = () => {
    const now = performance.now();
    for (const run of running) {
      const { task, path, began, why } = run;
      const tooLong = now - began >= LOOK_EVERY && outgrown(`${path}.out`, `${path}.err`);
      if (why) continue;
      if (task.signal?.aborted) stop(run, 'aborted');
      else if (tooLong) stop(run, 'tooLong');
      else if (now - began >= task.job.timeout) stop(run, 'timedOut');
    }
    for (const task of waiting.filter(({ signal }) => signal?.aborted)) {
      waiting.splice(waiting.indexOf(task), 1);
      task.reject(laneAborted(task.job));
    }
  };

  const stop = (run: Run, why: Why) => {
    const { lane, tag, answer, began, date } = run;
    run.why = why;
    if (lane.pid === undefined) return;
    // The second clock goes on while the machine is suspended.
    const age = Math.max(performance.now() - began, Date.now() - date);
    run.stopped = killRun({ tag, shell: lane.pid, age, answer }, grace);
  };

  return {
    run: (job, signal) =>
      new Promise((resolve, reject) => {
        if (closed || signal?.aborted) throw laneAborted(job);
        if (/[\n\0]/.test(job.id + job.private + job.script + job.cwd)) throw unspeakableJob(job);
        waiting.push({ job, signal, resolve, reject });
        pump();
      }),
    async close() {
      closed = true;
      for (const task of waiting.splice(0)) task.reject(laneAborted(task.job));
      for (const run of running) if (!run.why) stop(run, 'aborted');
      if (running.size > 0) {
        await new Promise<void>((resolve) => {
          onDrained = resolve;
        });
      }
      await pool.close();
    },
  };
}

type Why = 'timedOut' | 'tooLong' | 'aborted';

interface Task {
  job: UrlJob;
  signal: AbortSignal | undefined;
  resolve: (result: JobResult) => void;
  reject: (error: unknown) => void;
  /** It was given to a lane once already. */
  again?: boolean;
}

interface Run {
  task: Task;
  lane: LaneShell;
  tag: string;
  /** Of the output files, without `.out` and `.err`. */
  path: string;
  /** `performance.now()` and `Date.now()` of its beginning. */
  began: number;
  date: number;
  answer: Promise<number | undefined>;
  /** Why it is being stopped. */
  why?: Why;
  /** Settles when that is done. */
  stopped?: Promise<void>;
}

const LOOK_EVERY = 100; // ms
const LOOK_AHEAD = 32; // tasks

function resultOf({ path, why, date }: Run, status: number | undefined, traced: boolean): JobResult {
  const out = takeOut(`${path}.out`);
  return {
    started: date,
    finished: Date.now(),
    status: status ?? null,
    out,
    err: traced ? Buffer.alloc(0) : takeErr(`${path}.err`),
    timedOut: why === 'timedOut',
    aborted: why === 'aborted',
    tooLong: why === 'tooLong' || out.length > OUT_LIMIT,
  };
}
