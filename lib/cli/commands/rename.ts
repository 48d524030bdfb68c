import type { RenameResult } from '../../operations/results.ts';
import type { Command } from '../call.ts';
import { planText } from '../plan-text.ts';
import { listed } from '../wording.ts';

/** `addons rename <app> <new>` */
export const rename: Command = async (call) => {
  const result = await (await call.addons()).rename(call.given('app'), call.given('new'), call.options);
  await call.say(renameText(result));
  return { result };
};

function renameText({ app, to, outcome, directory, moved, steps }: RenameResult): string {
  if (outcome === 'planned') return planText(`Would rename ${app} to ${to}`, steps);
  if (outcome === 'unchanged') return `There is nothing to move from ${app} to ${to}.\n`;
  const what = moved.length > 0 ? listed(moved) : 'no add-ons';
  if (directory) return `Renamed ${app} to ${to}, with ${what}.\n`;
  return `Moved ${what} from ${app} to ${to}: the next release of ${to} sets its variables.\n`;
}
