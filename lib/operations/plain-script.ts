import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import { type HookName, LIST_LIMIT, type ScriptName } from '../addon/contract.ts';
import { AddonsError } from '../errors.ts';
import type { ScriptRecord } from '../processors/chain.ts';
import type { Addon } from '../scripts/addon.ts';
import { newOutput, takeErr, takeOut } from '../scripts/outputs.ts';
import { redactor } from '../scripts/redact.ts';
import { runScript, type ScriptEnd } from '../scripts/run.ts';
import { newOperationId } from '../state/journal.ts';
import { prepareAddonData, prepareStore } from '../state/store.ts';
import type { Context } from './context.ts';

export interface PlainScript {
  addon: Addon;
  script: ScriptName | HookName;
  args: string[];
  /** Whose resource it is about. */
  app?: string;
  /** Descriptors; stdin is empty unless given. */
  stdin?: number;
  stdout: number;
  /** Kept out of all that people read; asked for only when there is something to be read. */
  secrets: string[] | (() => string[]);
}

/** Runs a script that changes no state of ours. @throws {AddonsError} with its stderr, redacted, when it fails */
export async function runPlain(
  context: Context,
  { addon, script, args, app, stdin, stdout, secrets }: PlainScript,
): Promise<void> {
  const { store, trace, signal } = context;
  prepareStore(store);
  prepareAddonData(store, addon.name);
  const errors = trace === undefined ? newOutput(store.platform.outputs, 'err') : undefined;
  let written: Buffer = Buffer.alloc(0);
  const started = Date.now();
  const ended = await runScript({
    path: addon.script(script),
    args,
    env: addon.environment({ trace: trace !== undefined }),
    cwd: addon.root,
    stdin,
    stdout,
    stderr: errors?.fd ?? trace ?? stdout,
    timeout: addon.timeout(script),
    signal,
  }).finally(() => {
    if (errors === undefined) return;
    closeSync(errors.fd);
    written = takeErr(errors.path);
  });
  const known = () => [...addon.secrets, ...(typeof secrets === 'function' ? secrets() : secrets)];
  context.executions.take(addon, {
    id: newOperationId(),
    ...(app !== undefined && { app }),
    action: script,
    started,
    finished: Date.now(),
    ...outcomeOf(ended),
    out: Buffer.alloc(0), // data, or an answer; not for people
    err: written,
    secrets: known,
  });
  if (ended.exit === 0) return;
  const stderr = redactor(known())(written.toString()).trim();
  const how = ended.timedOut
    ? 'took too long and was killed'
    : ended.aborted
      ? 'was interrupted'
      : ended.signal
        ? `was killed by ${ended.signal}`
        : `failed with exit status ${ended.exit}`;
  const code = ended.timedOut ? 'script-timeout' : ended.aborted ? 'aborted' : 'script-failed';
  const reason = stderr === '' ? '.' : `: ${stderr.split('\n').at(-1)?.slice(0, 500)}`;
  throw new AddonsError(code, `${script} of ${addon.name} ${how}${reason}`, {
    hint: 'Mend the reason and run the command again.',
    details: { script, addon: addon.name, stderr },
  });
}

function outcomeOf({ exit, signal, timedOut, aborted }: ScriptEnd): Pick<ScriptRecord, 'status' | 'stopped'> {
  const number = signal === null ? undefined : constants.signals[signal as NodeJS.Signals]; // as Node names them
  const stopped = timedOut ? 'timeout' : aborted ? 'aborted' : undefined;
  return { status: exit ?? (number === undefined ? null : 128 + number), ...(stopped && { stopped }) };
}

/** Runs a script for its output, of which `LIST_LIMIT` and one byte are read at most. @throws as `runPlain` */
export async function capture(context: Context, addon: Addon, script: ScriptName, secrets: string[]): Promise<Buffer> {
  prepareStore(context.store);
  const output = newOutput(context.store.platform.outputs, 'out');
  try {
    await runPlain(context, { addon, script, args: [], stdout: output.fd, secrets });
  } finally {
    closeSync(output.fd);
  }
  return takeOut(output.path, LIST_LIMIT);
}
