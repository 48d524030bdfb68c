import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LIST_LIMIT, type ScriptName } from '../addon/contract.ts';
import { AddonsError } from '../errors.ts';
import { limitOutput } from '../scripts/output-limit.ts';
import { takeErr, takeOut } from '../scripts/outputs.ts';
import { groupRuns } from '../scripts/processes.ts';
import { redactor } from '../scripts/redact.ts';
import { runScript } from '../scripts/run.ts';
import { newOperationId } from '../state/journal.ts';
import { nonce } from '../state/nonce.ts';
import { watchArguments } from './arguments.ts';
import type { Trial } from './trial.ts';

export interface RunOptions {
  /** Operation id, a new one by default. */
  operation?: string | undefined;
  /** Open file descriptors. */
  stdin?: number | undefined;
  stdout?: number | undefined;
  /** Instead of the trial's own. */
  signal?: AbortSignal | undefined;
  umask?: string | undefined;
  onStart?: ((group: number) => void) | undefined;
}

/** How one run ended. */
export interface ScriptResult {
  script: ScriptName;
  exit: number | null;
  /** In words that follow the script's name. */
  how: string;
  out: Buffer;
  /** The end of what it wrote for people. */
  err: string;
  /** Milliseconds. */
  lasted: number;
}

/** Runs one script of the add-on as the tool would, and takes down what it did. A failing script is a result. */
export async function runOnce(
  trial: Trial,
  script: ScriptName,
  args: readonly string[],
  options: RunOptions = {},
): Promise<ScriptResult> {
  const { addon, scratch } = trial;
  trial.tell(`running ${script}`);
  const path = join(scratch, nonce());
  const stderr = openSync(`${path}.err`, 'wx', 0o600);
  const stdout = options.stdout ?? openSync(`${path}.out`, 'wx', 0o600);
  const limit = limitOutput(options.stdout === undefined ? [stdout, stderr] : [stderr]);
  const watch = isWorthWatching(trial, script) ? watchArguments(trial, script) : undefined;
  let group = 0;
  const begun = performance.now();
  try {
    const end = await runScript({
      path: '/bin/sh',
      args: ['-c', UNDER_UMASK, 'sh', options.umask ?? trial.umask, addon.script(script), ...args],
      env: addon.environment(JOURNALED.has(script) ? { operation: options.operation ?? newOperationId() } : {}),
      cwd: addon.root,
      stdin: options.stdin,
      stdout,
      stderr,
      timeout: addon.timeout(script),
      signal: AbortSignal.any([limit.signal, ...signalsOf(options.signal ?? trial.signal)]),
      onStart: (pid) => {
        group = pid;
        options.onStart?.(pid);
      },
    });
    const lasted = performance.now() - begun;
    // A caller's own signal kills on purpose; what it leaves is no fault.
    if (JOURNALED.has(script) && end.exit !== null && !trial.outlived.has(script) && (await outlives(group)))
      trial.outlived.add(script);
    return {
      script,
      exit: end.exit,
      how: limit.signal.aborted ? 'wrote without end and was killed' : howItEnded(end),
      lasted,
      ...takeOutputs(),
    };
  } finally {
    watch?.stop();
    limit.stop();
    closeSync(stderr);
    if (options.stdout === undefined) closeSync(stdout);
  }

  function takeOutputs() {
    const err = takeErr(`${path}.err`).toString();
    const out = options.stdout === undefined ? takeOut(`${path}.out`, LIST_LIMIT) : Buffer.alloc(0);
    const isText = !DATA.has(script);
    trial.written.push({ script, text: isText && CHATTY.has(script) ? `${err}\n${out}` : err });
    return { err, out };
  }
}

/** @throws {AddonsError} `script-failed`, saying how, unless it exited with 0; `aborted` */
export function mustSucceed(trial: Trial, result: ScriptResult, situation = ''): ScriptResult {
  checkInterrupted(trial);
  if (result.exit === 0) return result;
  throw failed(trial, result, `${situation} `);
}

/** @throws {AddonsError} `aborted` */
export function checkInterrupted({ signal }: Trial): void {
  if (signal?.aborted) throw new AddonsError('aborted', 'Interrupted.');
}

/** What people may see: without the privates and passwords that are known. */
export const redacted = (trial: Trial, text: string): string =>
  redactor([...trial.secrets, ...trial.addon.secrets])(text);

function failed(trial: Trial, { script, exit, how, err }: ScriptResult, situation: string): AddonsError {
  const stderr = redacted(trial, err).trim();
  const said = stderr.split('\n').at(-1)?.slice(0, 500) ?? '';
  return new AddonsError('script-failed', `${script} ${situation.trimStart()}${how}${said ? `: ${said}` : '.'}`, {
    hint: exit === null ? KILLED : said ? `Mend what ${script} says.` : silent(script),
    details: { script, stderr },
  });
}

const KILLED = 'Find out what it waits for, or does again and again. To give it more time: --timeout SECONDS.';
const silent = (script: string) =>
  `It wrote nothing to stderr: let ${script} say there what is wrong, then run this again.`;

const signalsOf = (signal: AbortSignal | undefined): AbortSignal[] => (signal ? [signal] : []);

const UNDER_UMASK = 'umask "$1"; shift; exec "$@"';
/** The scripts that the tool runs under its journal: they get an operation id, and their group must end with them. */
const JOURNALED: ReadonlySet<string> = new Set(['enable', 'disable', 'provision', 'unprovision', 'rotate']);
/** Their stdout is for people. */
const CHATTY: ReadonlySet<string> = new Set(['enable', 'disable', 'unprovision', 'restore', 'health']);
const DATA: ReadonlySet<string> = new Set(['dump']);
const isWorthWatching = ({ durations }: Trial, script: ScriptName): boolean =>
  script === 'rotate' || (script === 'provision' && durations.length < WATCHED);
const WATCHED = 5; // runs; looking costs time, and the later ones do no other than these

function howItEnded(end: Awaited<ReturnType<typeof runScript>>): string {
  if (end.timedOut) return 'took too long and was killed';
  if (end.aborted) return 'was interrupted';
  if (end.signal !== null) return `was killed by ${end.signal}`;
  return end.exit === 0 ? 'succeeded' : `failed with exit status ${end.exit}`;
}

/** A moment of grace: what the script did not wait for may be ending. */
async function outlives(group: number): Promise<boolean> {
  for (const until = performance.now() + GRACE; groupRuns(group); await delay(LOOK_EVERY))
    if (performance.now() > until) return true;
  return false;
}

const LOOK_EVERY = 20; // ms
const GRACE = 1000; // ms
