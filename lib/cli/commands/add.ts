import { AddonsError } from '../../errors.ts';
import type { Addons, AddResult } from '../../operations/results.ts';
import type { Call, Command } from '../call.ts';
import { planText } from '../plan-text.ts';
import { each } from '../tally.ts';
import { listed, nextRelease } from '../wording.ts';

/** `addons add <app> <addon>... [--env NAME]` */
export const add: Command = async (call) => {
  const addons = await call.addons();
  const app = call.given('app');
  const names = call.many('addon');
  const { env } = call.flags;
  if (env !== undefined && names.length > 1) {
    throw new AddonsError('usage', '--env names the variable of one add-on.', { hint: 'Add them one by one.' });
  }
  let had = false;
  return each(call, names, {
    noun: 'add-on',
    subject: (addon) => ({ app, addon }),
    act: async (addon) => {
      had = env !== undefined && (await has(addons, app, addon));
      return addons.add(app, addon, { ...call.options, env });
    },
    text: (result) => (had ? nameText(call, result, env ?? '') : addText(call, result)),
  });
};

function addText(call: Call, { app, addon, outcome, configVar, env, steps }: AddResult): string {
  if (outcome === 'planned') return planText(`Would add ${addon} to ${app}`, steps);
  if (outcome === 'unchanged') return `${app} has ${addon} already (${listed([configVar, ...env])}).\n`;
  return `Added ${addon} to ${app}${nextRelease(call, [configVar, ...env])}.\n`;
}

/** Whether only the name is new. */
const has = async (addons: Addons, app: string, addon: string): Promise<boolean> =>
  (await addons.list(app)).resources.some((one) => one.addon === addon && one.state !== 'adding');

function nameText(call: Call, { app, addon, outcome, id, env, steps }: AddResult, name: string): string {
  if (outcome === 'planned') return planText(`Would name the ${addon} of ${app} ${name}, too`, steps);
  if (outcome === 'unchanged') return `The ${addon} of ${app} has the name ${name} already.\n`;
  return `Named the ${addon} of ${app} ${name}, too (${id})${nextRelease(call, env)}.\n`;
}
