import type { Resource } from '../app/addons-file.ts';
import { AddonsError } from '../errors.ts';
import { checkAddonName } from '../names.ts';
import { lineOf } from '../state/app-files.ts';
import { type App, findApp } from '../state/apps.ts';
import type { Operation } from '../state/journal.ts';
import { isKept } from '../state/kept.ts';
import { prepareAddonData } from '../state/store.ts';
import { enabledAddon } from './addons.ts';
import { beginOnApp, carryThrough } from './begin.ts';
import type { Context } from './context.ts';
import { takeName } from './extra-names.ts';
import { fateOf } from './fate.ts';
import { noResource } from './no-resource.ts';
import { refuseUndroppable } from './recovery/drop-variables.ts';
import { quarantined } from './recovery/recover.ts';
import { runFor } from './recovery/script-run.ts';
import { settleRemove, settleSpared } from './recovery/settle-remove.ts';
import { planRemove } from './remove-plan.ts';
import type { RemoveOptions, RemoveResult } from './results.ts';
import { lookForShared, type SharedLook } from './shared.ts';
import { triggered } from './triggered.ts';

/** Takes the resource from the app, and destroys it unless told otherwise. The caller has asked. */
export async function remove(
  context: Context,
  appName: string,
  addonName: string,
  options: RemoveOptions = {},
  look?: SharedLook,
): Promise<RemoveResult> {
  checkAddonName(addonName);
  checkOptions(options);
  if (options.env !== undefined) return takeName(context, appName, addonName, options.env);
  if (context.dryRun) return plan(context, appName, addonName, options, look);
  return triggered(context, { what: 'remove', app: appName, addon: addonName }, (context) =>
    carryOut(context, appName, addonName, options, look),
  );
}

/** Seconds: 520 weeks. */
const LONGEST_KEEP = 520 * 7 * 24 * 60 * 60;

/** @throws {AddonsError} `usage` */
export function checkKeepFor(keepFor: number | undefined): void {
  if (keepFor === undefined || (Number.isFinite(keepFor) && keepFor > 0 && keepFor <= LONGEST_KEEP)) return;
  throw new AddonsError('usage', `keepFor must be a number of seconds above 0, 520 weeks at most, not ${keepFor}.`, {
    hint: 'A day is 86400.',
  });
}

function checkOptions({ forget, keepFor, env }: RemoveOptions) {
  checkKeepFor(keepFor);
  const given = [forget && 'forget', keepFor !== undefined && 'keepFor', env !== undefined && 'env'].filter(Boolean);
  if (given.length <= 1) return;
  throw new AddonsError('usage', `${given.join(' and ')} exclude each other.`, { hint: 'Leave one out.' });
}

async function carryOut(
  context: Context,
  appName: string,
  addonName: string,
  options: RemoveOptions,
  given?: SharedLook,
): Promise<RemoveResult> {
  const before = lineOf(findApp(context.store.platform, appName), addonName);
  // A resource that is gone for good may have taken its add-on with it.
  const addon = options.forget ? undefined : enabledAddon(context, addonName);
  addon?.script('unprovision');
  let look = given ?? (before && !options.forget ? lookForShared(context) : undefined); // not under the lock: it takes long
  let way: Way = { resource: 'destroyed' };
  const begun = await beginOnApp(context, 'remove', appName, addonName, async (app, line) => {
    if (line === undefined) return undefined;
    refuseAnother(app, line, options.id);
    await refuseUndroppable(context.store, app, addonName);
    way = wayOf(context, line, options);
    if (way.resource === 'destroyed' || way.resource === 'in-trash') {
      look ??= lookForShared(context);
      look(app, line, 'nothing was removed');
    }
    return { resource: line.id, ...(way.spare && { spare: way.spare }) };
  });
  const result = { app: appName, addon: addonName, outcome: 'done' as const, steps: [] };
  if (!begun.begun) {
    // Another, or the recovery of an interrupted remove, took away what we came for.
    if (before) return { ...result, id: before.id, ...fateOf(context, addonName, before.id, begun.cleared) };
    throw noResource(context, appName, addonName);
  }
  const { entry, line } = begun;
  if (line === undefined) throw noResource(context, appName, addonName);
  return carryThrough(context, entry, async () => {
    context.tell({ type: 'step', message: `Removing ${addonName} from ${appName}` });
    if (way.spare || addon === undefined) {
      const ended = await settleSpared(context, entry);
      if (ended.end === 'quarantined') throw quarantined({ ...entry, quarantine: ended.reason });
    } else {
      prepareAddonData(context.store, addonName);
      await runFor(context, entry, addon, 'unprovision', [line.id], line.id);
      const ended = await settleRemove(context, entry, addon, false);
      if (ended.end !== 'committed') throw ended.why;
    }
    return { ...result, id: line.id, resource: way.resource, ...(way.spare?.trash && { until: way.spare.trash }) };
  });
}

/** What becomes of the resource. */
interface Way {
  resource: 'destroyed' | 'forgotten' | 'kept' | 'in-trash';
  /** No script is run. */
  spare?: NonNullable<Operation['spare']>;
}

function wayOf({ store }: Context, { addon, id }: Resource, options: RemoveOptions): Way {
  if (options.forget) return { resource: 'forgotten', spare: {} };
  if (options.keepFor !== undefined) {
    const until = new Date(Date.now() + options.keepFor * 1000);
    return { resource: 'in-trash', spare: { trash: until.toISOString() } };
  }
  return isKept(store, addon, id) ? { resource: 'kept', spare: {} } : { resource: 'destroyed' };
}

async function plan(
  context: Context,
  appName: string,
  addonName: string,
  options: RemoveOptions,
  look?: SharedLook,
): Promise<RemoveResult> {
  const app = findApp(context.store.platform, appName);
  const line = lineOf(app, addonName);
  if (line === undefined) throw noResource(context, appName, addonName);
  refuseAnother(app, line, options.id);
  await refuseUndroppable(context.store, app, addonName);
  const { resource, spare } = wayOf(context, line, options);
  if (resource !== 'forgotten') enabledAddon(context, addonName);
  if (resource === 'destroyed' || resource === 'in-trash')
    (look ?? lookForShared(context))(app, line, 'nothing was removed');
  return planRemove(context, app, line, resource, spare?.trash);
}

/** Nobody was asked about what the app may have got since. */
function refuseAnother(app: App, { addon, id }: Resource, expected: string | undefined) {
  if (expected === undefined || expected === id) return;
  throw new AddonsError('conflict', `${app.name} has another ${addon} by now, ${id}: nothing was removed.`, {
    hint: 'Look at it again: addons list',
    details: { app: app.name, addon },
  });
}
