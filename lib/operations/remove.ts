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
import { logged } from './logged.ts';
import { noResource } from './no-resource.ts';
import { runFor } from './recovery/script-run.ts';
import { settleRemove, settleSpared } from './recovery/settle-remove.ts';
import { planRemove } from './remove-plan.ts';
import type { RemoveOptions, RemoveResult } from './results.ts';
import { refuseShared } from './shared.ts';

/** Takes the resource from the app, and destroys it unless told otherwise. The caller has asked. */
export async function remove(
  context: Context,
  appName: string,
  addonName: string,
  options: RemoveOptions = {},
): Promise<RemoveResult> {
  checkAddonName(addonName);
  if (options.env !== undefined) return takeName(context, appName, addonName, options.env);
  if (context.dryRun) return plan(context, appName, addonName, options);
  return logged(context, { what: 'remove', app: appName, addon: addonName }, (context) =>
    carryOut(context, appName, addonName, options),
  );
}

async function carryOut(
  context: Context,
  appName: string,
  addonName: string,
  options: RemoveOptions,
): Promise<RemoveResult> {
  const before = lineOf(findApp(context.store.platform, appName), addonName);
  // A resource that is gone for good may have taken its add-on with it.
  const addon = options.forget ? undefined : enabledAddon(context, addonName);
  addon?.script('unprovision');
  let way: Way = { resource: 'destroyed' };
  const begun = await beginOnApp(context, 'remove', appName, addonName, (app, line) => {
    if (line === undefined) return undefined;
    refuseAnother(app, line, options.id);
    way = wayOf(context, line, options);
    if (way.resource === 'destroyed' || way.resource === 'in-trash')
      refuseShared(context, app, line, 'nothing was removed');
    return { resource: line.id, ...(way.spare && { spare: way.spare }) };
  });
  const result = { app: appName, addon: addonName, outcome: 'done' as const, steps: [] };
  if (!begun.begun || begun.line === undefined) {
    // Another, or the recovery of an interrupted remove, took away what we came for.
    if (before) return { ...result, id: before.id, ...fateOf(context, addonName, before.id) };
    throw noResource(context, appName, addonName);
  }
  const { entry, line } = begun;
  return carryThrough(context, entry, async () => {
    context.tell({ type: 'step', message: `Removing ${addonName} from ${appName}` });
    if (way.spare || addon === undefined) await settleSpared(context, entry);
    else {
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
  resource: RemoveResult['resource'];
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

function plan(context: Context, appName: string, addonName: string, options: RemoveOptions): RemoveResult {
  const app = findApp(context.store.platform, appName);
  const line = lineOf(app, addonName);
  if (line === undefined) throw noResource(context, appName, addonName);
  refuseAnother(app, line, options.id);
  const { resource, spare } = wayOf(context, line, options);
  if (resource !== 'forgotten') enabledAddon(context, addonName);
  if (resource === 'destroyed' || resource === 'in-trash') refuseShared(context, app, line, 'nothing was removed');
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
