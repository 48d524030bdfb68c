import { AddonsError } from '../errors.ts';
import { extraNames, lineOf } from '../state/app-files.ts';
import { findApp } from '../state/apps.ts';
import { addResource } from './add.ts';
import type { Context } from './context.ts';
import { enable } from './enable.ts';
import { giveName, takeName } from './extra-names.ts';
import { release } from './release.ts';
import { checkKeepFor, remove } from './remove.ts';
import type { Change, ChangeEnd, Outcome } from './results.ts';

/**
 * Does the changes of a plan, each as an operation of its own, which looks again whether it may. After a failure the rest of that
 * app is left out, and after that of an `enable` every app that gets the add-on from there on; what is left out has no end.
 *
 * @param keepFor seconds that what is removed stays in the trash; undefined: it is destroyed
 */
export async function* apply(
  context: Context,
  changes: readonly Change[],
  keepFor?: number,
): AsyncGenerator<ChangeEnd> {
  checkKeepFor(keepFor);
  const failedApps = new Set<string>();
  const failedAddons = new Set<string>();
  for (const change of changes) {
    if ('app' in change) {
      if (change.action === 'add' && failedAddons.has(change.addon)) failedApps.add(change.app);
      if (failedApps.has(change.app)) continue;
    }
    const end = await endOf(context, change, keepFor);
    if ('error' in end) {
      if ('app' in change) failedApps.add(change.app);
      else failedAddons.add(change.addon);
    }
    yield end;
    if (context.signal?.aborted) return;
  }
}

async function endOf(context: Context, change: Change, keepFor: number | undefined): Promise<ChangeEnd> {
  if (context.dryRun) return { change, outcome: 'planned' };
  try {
    if (context.signal?.aborted) throw new AddonsError('aborted', 'Interrupted: not every change was made.');
    return { change, outcome: await carryOut(context, change, keepFor) };
  } catch (error) {
    return { change, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

async function carryOut(context: Context, change: Change, keepFor: number | undefined): Promise<Outcome> {
  switch (change.action) {
    case 'enable':
      return (await enable(context, change.addon)).outcome;
    case 'add':
      return add(context, change);
    case 'remove':
      return removePlanned(context, change, keepFor);
    case 'add-name':
      return (await giveName(context, change.app, change.addon, change.name)).outcome;
    case 'drop-name':
      return dropName(context, change);
    case 'release':
      return (await release(context, change.app)).outcome;
  }
}

type Of<A extends 'add' | 'remove'> = Extract<Change, { action: A }>;

async function add(context: Context, { app, addon, env }: Of<'add'>): Promise<Outcome> {
  const { outcome, env: has } = await addResource(context, app, addon, { env });
  if (outcome !== 'unchanged') return outcome;
  // Another added it since, perhaps without the names.
  for (const name of env.filter((one) => !has.includes(one))) await giveName(context, app, addon, name);
  return outcome;
}

/** Nobody was asked about another resource that the app may have got since. */
async function removePlanned(
  context: Context,
  { app, addon, id }: Of<'remove'>,
  keepFor: number | undefined,
): Promise<Outcome> {
  const line = lineOf(findApp(context.store.platform, app), addon);
  return line === undefined ? 'unchanged' : (await remove(context, app, addon, { keepFor, id })).outcome;
}

async function dropName(
  context: Context,
  { app, addon, name }: { app: string; addon: string; name: string },
): Promise<Outcome> {
  if (!extraNames(findApp(context.store.platform, app), addon).includes(name)) return 'unchanged';
  return (await takeName(context, app, addon, name)).outcome;
}
