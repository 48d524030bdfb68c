import { AddonsError } from '../errors.ts';
import type { Answer, Call } from './call.ts';
import { planText } from './plan-text.ts';
import { visible } from './visible-text.ts';

/** What is to be run, and what it sees beside what the scripts see. */
export interface OwnCommand {
  program: string;
  words: readonly string[];
  variables?: Record<string, string>;
}

/** Runs a program as an add-on's scripts are run: their variables, their directory. */
export async function inEnvironment(call: Call, addon: string, command: () => OwnCommand): Promise<Answer> {
  if (call.json) {
    throw new AddonsError('usage', `addons ${call.verb} has no --json: stdout is that of the command.`, {
      hint: 'Leave out --json.',
    });
  }
  const { root, variables } = await (await call.addons()).environment(addon, call.options);
  const { program, words, variables: more = {} } = command();
  if (call.flags.dryRun) {
    // Only names: a value may be a secret.
    await call.print(planText(`Would run ${visible(program)} in ${visible(root)} with`, Object.keys(variables).sort()));
    return { result: { addon } };
  }
  if (call.io.signal.aborted) throw new AddonsError('aborted', `Interrupted: ${visible(program)} was not run.`);
  const env = { ...terminalOf(call), ...variables, ...more };
  const ended = await call.io.foreground({ program, words, path: variables.PATH, env, cwd: root });
  if (typeof ended === 'number') return { result: { addon }, status: ended };
  call.report.error(ended.error);
  return { result: { addon }, status: ended.status };
}

/** What a program at a terminal needs to know of it. */
const terminalOf = ({ io }: Call) =>
  Object.fromEntries(['TERM', 'COLORTERM', 'NO_COLOR'].map((name) => [name, io.env[name]]));
