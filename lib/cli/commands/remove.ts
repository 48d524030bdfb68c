import { AddonsError } from '../../errors.ts';
import type { Addons, RemoveOptions, RemoveResult } from '../../operations/results.ts';
import type { Call, Command } from '../call.ts';
import { confirm, isConfirmed } from '../confirm.ts';
import { durationOf } from '../duration.ts';
import { planText } from '../plan-text.ts';
import { resourceText } from '../resource-text.ts';
import { each } from '../tally.ts';
import { listed } from '../wording.ts';

/** `addons remove <app> <addon>... | --all [--keep-for TIME | --forget | --env NAME]` */
export const remove: Command = async (call) => {
  const addons = await call.addons();
  const app = call.given('app');
  const how = removeOptions(call);
  const names = await chosen(call, addons, app);
  if (names.length === 0) call.report.note(`${app} has no add-ons.`);
  const { settled, asked } = await askedAbout(call, addons, app, names, how);
  return each(call, names, {
    noun: 'add-on',
    subject: (addon) => ({ app, addon }),
    act: (addon) =>
      settled.get(addon)?.() ?? addons.remove(app, addon, { ...call.options, ...how, id: asked.get(addon) }),
    text: removeText,
  });
};

/** What a removal did, or would do. */
function removeText({ app, addon, outcome, id, resource, until, steps }: RemoveResult): string {
  if (outcome === 'planned' && (id !== undefined || resource === 'stays')) {
    const what = resource === 'stays' ? `a variable name from ${addon} of` : `${addon} from`;
    return planText(`Would ${resource === 'stays' ? 'take' : 'remove'} ${what} ${app}`, steps);
  }
  if (resource === 'stays')
    return `Took that name from ${addon} of ${app}${id === undefined ? '' : `; ${id} stays`}.\n`;
  if (id === undefined) return `${app} has no ${addon}: nothing to remove.\n`;
  return `Removed ${addon} from ${app}${fateText(id, resource, until, `addons undo ${app} ${addon}`)}.\n`;
}

function fateText(id: string, resource: RemoveResult['resource'], until: string | undefined, undo: string): string {
  if (resource === 'kept') return `; ${id} is marked as kept, so it was not unprovisioned`;
  if (resource === 'forgotten') return `; ${id} was only forgotten, no script was run`;
  if (resource === 'unknown') return `; somebody else took ${id} away, "addons log" tells how`;
  if (resource === 'in-trash') return `; ${id} is in the trash until ${until}, "${undo}" brings it back`;
  return '';
}

function removeOptions({ flags, many }: Call): RemoveOptions {
  const { forget, env } = flags;
  const given = [
    forget && '--forget',
    env !== undefined && '--env',
    flags.keepFor !== undefined && '--keep-for',
  ].filter(Boolean);
  if (given.length > 1) {
    throw new AddonsError('usage', `${given.join(' and ')} exclude each other.`, { hint: 'Leave one out.' });
  }
  if (env !== undefined && (flags.all || many('addon').length !== 1)) {
    throw new AddonsError('usage', '--env takes a name from one add-on.', { hint: 'Name one add-on.' });
  }
  const keepFor = flags.keepFor === undefined ? undefined : durationOf('--keep-for', flags.keepFor);
  return { forget, env, keepFor };
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
async function askedAbout(call: Call, addons: Addons, app: string, names: readonly string[], how: RemoveOptions) {
  const settled = new Map<string, () => Promise<RemoveResult>>();
  const asked = new Map<string, string>();
  // A name can be given back, and what is in the trash, too.
  const harmless = how.env !== undefined || how.keepFor !== undefined;
  if (call.flags.dryRun || harmless || isConfirmed(call, app, 'app')) return { settled, asked };
  const planned: RemoveResult[] = [];
  for (const addon of names) {
    try {
      const plan = await addons.remove(app, addon, { ...call.options, ...how, dryRun: true });
      if (plan.id !== undefined) asked.set(addon, plan.id);
      if (plan.id !== undefined) planned.push(plan);
      else settled.set(addon, async () => ({ ...plan, outcome: 'unchanged' }));
    } catch (error) {
      settled.set(addon, () => Promise.reject(error));
    }
  }
  if (planned.length === 0) return { settled, asked };
  const what = how.forget ? 'forgets where this is' : 'destroys, with all data';
  const action = `Removing ${listed(planned.map(({ addon }) => addon))} from ${app} ${what}`;
  await confirm(call, { name: app, noun: 'app', action, losses: planned.map(resourceText) });
  return { settled, asked };
}
