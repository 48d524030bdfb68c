import type { EnableResult } from '../../operations/results.ts';
import type { Command } from '../call.ts';
import { planText } from '../plan-text.ts';
import { each } from '../tally.ts';

/** `addons enable <addon>... [--again]` */
export const enable: Command = async (call) => {
  const addons = await call.addons();
  return each(call, call.many('addon'), {
    noun: 'add-on',
    subject: (addon) => ({ addon }),
    act: (addon) => addons.enable(addon, { ...call.options, again: call.flags.again }),
    text: enableText,
  });
};

function enableText({ addon, outcome, steps, newerShipped }: EnableResult): string {
  const newer = newerShipped
    ? `A newer ${addon} comes with this package: ${newerShipped}. To update: addons install ${addon} --force\n`
    : '';
  if (outcome === 'planned') return planText(`Would enable ${addon}`, steps) + newer;
  return `${outcome === 'unchanged' ? `${addon} is enabled already.` : `Enabled ${addon}.`}\n${newer}`;
}
