import type { Addons, DeleteResult } from '../../operations/results.ts';
import type { Command } from '../call.ts';
import { confirm, isConfirmed } from '../confirm.ts';
import { planText } from '../plan-text.ts';
import { resourceText, sparedText } from '../resource-text.ts';
import { listed } from '../wording.ts';

/** `addons delete <app>` */
export const deleteApp: Command = async (call) => {
  const addons = await call.addons();
  const app = call.given('app');
  if (!call.flags.dryRun && !isConfirmed(call, app, 'app')) {
    const plan = await addons.delete(app, { ...call.options, dryRun: true });
    const losses = [...plan.removed.map(resourceText), ...(await unfinished(addons, app))];
    // Nobody was asked about what comes up after the plan, so nothing is run.
    if (losses.length === 0) return told({ ...plan, outcome: 'unchanged' });
    const action = `Deleting the add-ons of ${app} destroys, with all data`;
    await confirm(call, { name: app, noun: 'app', action, losses });
  }
  return told(await addons.delete(app, call.options));

  async function told(result: DeleteResult) {
    await call.say(deleteText(result));
    return { result };
  }
};

/** What an interrupted add may have left has no line and is in no plan, but goes too. */
async function unfinished(addons: Addons, app: string): Promise<string[]> {
  const { resources } = await addons.list(app);
  return resources.filter(({ id }) => id === '').map(({ addon, state }) => `${addon} of ${app} (${state})`);
}

function deleteText({ app, outcome, removed, steps }: DeleteResult): string {
  if (outcome === 'planned') return planText(`Would delete the add-ons of ${app}`, steps);
  if (removed.length === 0) return `${app} has no add-ons: nothing to delete.\n`;
  return `Deleted what ${app} had: ${listed(removed.map(({ addon }) => addon))}.\n${sparedText(removed)}`;
}
