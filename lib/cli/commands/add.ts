import type { AddResult } from '../../operations/results.ts';
import type { Command } from '../call.ts';
import { planText } from '../plan-text.ts';
import { each } from '../tally.ts';

/** `addons add <app> <addon>...` */
export const add: Command = async (call) => {
  const addons = await call.addons();
  const app = call.given('app');
  return each(call, call.many('addon'), {
    noun: 'add-on',
    subject: (addon) => ({ app, addon }),
    act: (addon) => addons.add(app, addon, call.options),
    text: addText,
  });
};

function addText({ app, addon, outcome, configVar, steps }: AddResult): string {
  if (outcome === 'planned') return planText(`Would add ${addon} to ${app}`, steps);
  if (outcome === 'unchanged') return `${app} has ${addon} already (${configVar}).\n`;
  return `Added ${addon} to ${app}: the next release sets ${configVar}.\n`;
}
