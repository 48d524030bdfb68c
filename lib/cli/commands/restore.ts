import { resolve } from 'node:path';
import { AddonsError } from '../../errors.ts';
import type { RestoreResult } from '../../operations/results.ts';
import type { Call, Command } from '../call.ts';
import { confirm, isConfirmed } from '../confirm.ts';

/** `addons restore <app> <addon> [file]`, or the data on stdin */
export const restore: Command = async (call) => {
  const [app, addon] = [call.given('app'), call.given('addon')];
  const file = inputFile(call);
  const from = file === undefined ? { fd: 0 } : { file };
  const addons = await call.addons();
  if (!call.flags.dryRun && !isConfirmed(call, app, 'app')) {
    await addons.restore(app, addon, from, { ...call.options, dryRun: true });
    await confirm(call, {
      name: app,
      noun: 'app',
      action: `Restoring ${addon} of ${app} overwrites`,
      losses: [`all data that ${addon} holds for ${app} now`],
      stdinTaken: file === undefined,
    });
  }
  const result = await addons.restore(app, addon, from, call.options);
  await call.say(restoreText(result));
  return { result };
};

function inputFile({ one, io }: Call): string | undefined {
  const file = one('file');
  if (file !== undefined && file !== '-') return resolve(io.cwd, file);
  if (!io.terminal.stdin) return undefined;
  throw new AddonsError('usage', 'addons restore needs the data.', { hint: 'Name a FILE, or pipe it in.' });
}

const restoreText = ({ app, addon, outcome }: RestoreResult): string =>
  outcome === 'planned' ? `Would overwrite the data of ${addon} of ${app}.\n` : `Restored ${addon} of ${app}.\n`;
