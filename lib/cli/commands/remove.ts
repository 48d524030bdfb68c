import { AddonsError } from '../../errors.ts';
import type { Addons, RemoveResult } from '../../operations/results.ts';
import type { Call, Command } from '../call.ts';
import { confirm, isConfirmed } from '../confirm.ts';
import { planText } from '../plan-text.ts';
import { resourceText } from '../resource-text.ts';
import { listed } from '../table.ts';
import { each } from '../tally.ts';

/** `addons remove <app> <addon>... | --all` */
export const remove: Command = async (call) => {
  const addons = await call.addons();
  const app = call.given('app');
  const names = await chosen(call, addons, app);
  if (names.length === 0) call.report.note(`${app} has no add-ons.`);
  const settled = await askedAbout(call, addons, app, names);
  return each(call, names, {
    noun: 'add-on',
    subject: (addon) => ({ app, addon }),
    act: (addon) => settled.get(addon)?.() ?? addons.remove(app, addon, call.options),
    text: removeText,
  });
};

/** What a removal did, or would do. */
export function removeText({ app, addon, outcome, id, steps }: RemoveResult): string {
  if (outcome === 'planned' && id !== undefined) return planText(`Would remove ${addon} from ${app}`, steps);
  return id === undefined ? `${app} has no ${addon}: nothing to remove.\n` : `Removed ${addon} from ${app}.\n`;
}

async function chosen({ flags, many }: Call, addons: Addons, app: string): Promise<string[]> {
  const named = many('addon');
  if (flags.all && named.length > 0) {
    throw new AddonsError('usage', '--all and the name of an add-on exclude each other.', { hint: 'Leave one out.' });
  }
  if (!flags.all && named.length === 0) {
    throw new AddonsError('usage', 'addons remove needs an <addon>.', { hint: 'Name it, or say --all.' });
  }
  if (!flags.all) return named;
  const { resources } = await addons.list(app);
  // One that is only being added has no id yet, and no line to remove.
  return [...new Set(resources.filter(({ id }) => id !== '').map(({ addon }) => addon))];
}

/**
 * Plans all removals and asks once. What the plan could not tell, or had nothing to destroy, was not part of the question: it
 * is settled here and never run, else a resource that comes up meanwhile would be destroyed unasked.
 */
async function askedAbout(call: Call, addons: Addons, app: string, names: readonly string[]) {
  const settled = new Map<string, () => Promise<RemoveResult>>();
  if (call.flags.dryRun || isConfirmed(call, app, 'app')) return settled;
  const planned: RemoveResult[] = [];
  for (const addon of names) {
    try {
      const plan = await addons.remove(app, addon, { ...call.options, dryRun: true });
      if (plan.id !== undefined) planned.push(plan);
      else settled.set(addon, async () => ({ ...plan, outcome: 'unchanged' }));
    } catch (error) {
      settled.set(addon, () => Promise.reject(error));
    }
  }
  if (planned.length === 0) return settled;
  const action = `Removing ${listed(planned.map(({ addon }) => addon))} from ${app} destroys, with all data`;
  await confirm(call, { name: app, noun: 'app', action, losses: planned.map(resourceText) });
  return settled;
}
