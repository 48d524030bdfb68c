import type { UndoResult } from '../../operations/results.ts';
import type { Command } from '../call.ts';
import { planText } from '../plan-text.ts';
import { listed } from '../wording.ts';

/** `addons undo <app> <addon>` */
export const undo: Command = async (call) => {
  const result = await (await call.addons()).undo(call.given('app'), call.given('addon'), call.options);
  await call.say(undoText(result));
  return { result };
};

function undoText({ app, addon, outcome, id, configVar, env, steps }: UndoResult): string {
  if (outcome === 'planned') return planText(`Would bring back ${addon} of ${app}`, steps);
  return `Brought back ${addon} of ${app} (${id}): the next release sets ${listed([configVar, ...env])}.\n`;
}
