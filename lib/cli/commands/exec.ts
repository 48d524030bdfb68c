import { AddonsError } from '../../errors.ts';
import type { Answer, Call, Command } from '../call.ts';
import { planText } from '../plan-text.ts';
import { visible } from '../visible-text.ts';

/** `addons exec <app> -- <command>...` */
export const exec: Command = async (call) => {
  if (call.json) {
    throw new AddonsError('usage', 'addons exec has no --json: stdout is that of the command.', {
      hint: 'Leave out --json.',
    });
  }
  const app = call.given('app');
  const [program = '', ...words] = call.many('command');
  const variables = await (await call.addons()).env(app);
  if (call.flags.dryRun) return plan(call, program, variables);
  if (variables.size === 0) call.report.note(`${app} has no variables: ${visible(program)} runs without.`);
  const env = { ...call.io.env, ...Object.fromEntries(variables) };
  if (call.io.signal.aborted) throw new AddonsError('aborted', `Interrupted: ${visible(program)} was not run.`);
  const ended = await call.io.foreground({ program, words, env });
  if (typeof ended === 'number') return { result: { app }, status: ended };
  call.report.error(ended.error);
  return { result: { app }, status: ended.status };
};

/** Only names: a value is a secret. */
async function plan(call: Call, program: string, variables: ReadonlyMap<string, string>): Promise<Answer> {
  const names = [...variables.keys()].sort();
  const command = `Would run ${visible(program)}`;
  await call.print(names.length > 0 ? planText(`${command} with`, names) : `${command} without variables.\n`);
  return { result: { app: call.given('app') } };
}
