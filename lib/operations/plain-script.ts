import { closeSync } from 'node:fs';
import { type HookName, LIST_LIMIT, type ScriptName } from '../addon/contract.ts';
import { AddonsError } from '../errors.ts';
import type { Addon } from '../scripts/addon.ts';
import { newOutput, takeErr, takeOut } from '../scripts/outputs.ts';
import { redactor } from '../scripts/redact.ts';
import { runScript } from '../scripts/run.ts';
import { prepareAddonData, prepareStore } from '../state/store.ts';
import type { Context } from './context.ts';

export interface PlainScript {
  addon: Addon;
  script: ScriptName | HookName;
  args: string[];
  /** Descriptors; stdin is empty unless given. */
  stdin?: number;
  stdout: number;
  /** Kept out of error messages; asked for only when the script failed. */
  secrets: string[] | (() => string[]);
}

/** Runs a script that changes no state of ours. @throws {AddonsError} with its stderr, redacted, when it fails */
export async function runPlain(
  context: Context,
  { addon, script, args, stdin, stdout, secrets }: PlainScript,
): Promise<void> {
  const { store, trace, signal } = context;
  prepareStore(store);
  prepareAddonData(store, addon.name);
  const errors = trace === undefined ? newOutput(store.platform.outputs, 'err') : undefined;
  let written = '';
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
    written = takeErr(errors.path).toString();
  });
  if (ended.exit === 0) return;
  const known = typeof secrets === 'function' ? secrets() : secrets;
  const stderr = redactor([...addon.secrets, ...known])(written).trim();
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
