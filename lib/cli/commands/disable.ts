import type { Addons, DisableResult } from '../../operations/results.ts';
import type { Call, Command } from '../call.ts';
import { confirm, isConfirmed } from '../confirm.ts';
import { planText } from '../plan-text.ts';
import { resourceText, sparedText } from '../resource-text.ts';
import { each } from '../tally.ts';
import { plural } from '../wording.ts';

/** `addons disable <addon>...` */
export const disable: Command = async (call) => {
  const addons = await call.addons();
  return each(call, call.many('addon'), {
    noun: 'add-on',
    subject: (addon) => ({ addon }),
    act: (addon) => disableOne(alone(call, addon), addons, addon),
    text: disableText,
  });
};

/** The command to repeat, as it is shown for one add-on, must not force the others too. */
const alone = (call: Call, addon: string): Call => {
  const others = call.many('addon').filter((name) => name !== addon);
  return { ...call, typed: call.typed.filter((word) => !others.includes(word)) };
};

async function disableOne(call: Call, addons: Addons, addon: string): Promise<DisableResult> {
  if (call.flags.dryRun || isConfirmed(call, addon, 'add-on')) {
    return addons.disable(addon, { ...call.options, force: true });
  }
  const { removed } = await addons.disable(addon, { ...call.options, dryRun: true, force: true });
  // Unused when it was looked at: without force, an app that gets it meanwhile makes the call refuse.
  if (removed.length === 0) return addons.disable(addon, call.options);
  const action = `Disabling ${addon} destroys, with all data`;
  await confirm(call, { name: addon, noun: 'add-on', action, losses: removed.map(resourceText) });
  return addons.disable(addon, { ...call.options, force: true });
}

function disableText({ addon, outcome, removed, steps }: DisableResult): string {
  if (outcome === 'planned') return planText(`Would disable ${addon}`, steps);
  if (outcome === 'unchanged') return `${addon} is not enabled.\n`;
  const apps = new Set(removed.map(({ app }) => app)).size;
  return `Disabled ${addon}${apps > 0 ? `, removed from ${plural(apps, 'app')}` : ''}.\n${sparedText(removed)}`;
}
