import { lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AddonsError } from '../../errors.ts';
import { isRoot } from '../../state/directory.ts';
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
  const addons = await call.addons();
  const variables = await addons.env(app);
  if (call.flags.dryRun) return plan(call, program, variables);
  if (variables.size === 0) call.report.note(`${app} has no variables: ${visible(program)} runs without.`);
  const env = { ...call.io.env, ...Object.fromEntries(variables) };
  if (call.io.signal.aborted) throw new AddonsError('aborted', `Interrupted: ${visible(program)} was not run.`);
  if (isRoot()) warnOfWriter(call, app, addons.platform.appDir(app));
  const ended = await call.io.foreground({ program, words, path: call.io.env.PATH, env });
  if (typeof ended === 'number') return { result: { app }, status: ended };
  call.report.error(ended.error);
  return { result: { app }, status: ended.status };
};

/** A variable such as LD_PRELOAD makes the command run what another user says. */
function warnOfWriter({ report }: Call, app: string, dir: string) {
  const writer = [lstatSync(join(dir, 'ENV'), IF_THERE), statSync(dir, IF_THERE)].find((one) => one && one.uid !== 0);
  if (writer === undefined) return;
  const way = `sudo -u '#${writer.uid}' addons exec …`;
  report.warn(
    `User ${writer.uid} may write ENV of ${app}, and so decides what this command does as root; safer: ${way}`,
  );
}

const IF_THERE = { throwIfNoEntry: false } as const;

/** Only names: a value is a secret. */
async function plan(call: Call, program: string, variables: ReadonlyMap<string, string>): Promise<Answer> {
  const names = [...variables.keys()].sort();
  const command = `Would run ${visible(program)}`;
  await call.print(names.length > 0 ? planText(`${command} with`, names) : `${command} without variables.\n`);
  return { result: { app: call.given('app') } };
}
