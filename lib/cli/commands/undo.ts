import type { UndoResult } from '../../operations/results.ts';
import type { Call, Command } from '../call.ts';
import { planText } from '../plan-text.ts';
import { nextRelease } from '../wording.ts';

/** `addons undo <app> <addon>` */
export const undo: Command = async (call) => {
  const result = await (await call.addons()).undo(call.given('app'), call.given('addon'), call.options);
  await call.say(undoText(call, result));
  return { result };
};

function undoText(call: Call, { app, addon, outcome, id, configVar, env, steps }: UndoResult): string {
  if (outcome === 'planned') return planText(`Would bring back ${addon} of ${app}`, steps);
  return `Brought back ${addon} of ${app} (${id})${nextRelease(call, [configVar, ...env])}.\n`;
}
