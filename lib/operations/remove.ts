import type { Resource } from '../app/addons-file.ts';
import { AddonsError } from '../errors.ts';
import { suggestion } from '../names.ts';
import { addonsIfReadable, lineOf, readAddons } from '../state/app-files.ts';
import { type App, allApps, findApp } from '../state/apps.ts';
import { prepareAddonData } from '../state/store.ts';
import { enabledAddon } from './addons.ts';
import { beginOnApp, carryThrough } from './begin.ts';
import type { Context } from './context.ts';
import { runFor } from './recovery/script-run.ts';
import { settleRemove } from './recovery/settle-remove.ts';
import type { RemoveResult } from './results.ts';

/** Destroys the app's resource, then drops its line and config var. The caller has asked. */
export async function remove(context: Context, appName: string, addonName: string): Promise<RemoveResult> {
  if (context.dryRun) return plan(context, appName, addonName);
  const found = findApp(context.store.platform, appName);
  const before = lineOf(found, addonName);
  const addon = enabledAddon(context, addonName);
  addon.script('unprovision');
  if (before) refuseShared(context, found, before);
  const begun = await beginOnApp(context, 'remove', appName, addonName);
  if (!begun.begun || begun.line === undefined) {
    // Another, or the recovery of an interrupted remove, took away what we came for.
    if (before) return { app: appName, addon: addonName, outcome: 'done', id: before.id, steps: [] };
    throw noResource(context, appName, addonName);
  }
  const { entry, line } = begun;
  return carryThrough(context, entry, async () => {
    context.tell({ type: 'step', message: `Removing ${addonName} from ${appName}` });
    prepareAddonData(context.store, addonName);
    await runFor(context, entry, addon, 'unprovision', [line.id], line.id);
    const ended = await settleRemove(context, entry, addon, false);
    if (ended.end !== 'committed') throw ended.why;
    return { app: appName, addon: addonName, outcome: 'done', id: line.id, steps: [] };
  });
}

function plan(context: Context, appName: string, addonName: string): RemoveResult {
  const { platform } = context.store;
  const app = findApp(platform, appName);
  const line = lineOf(app, addonName);
  if (line === undefined) throw noResource(context, appName, addonName);
  enabledAddon(context, addonName);
  refuseShared(context, app, line);
  return {
    app: appName,
    addon: addonName,
    outcome: 'planned',
    id: line.id,
    steps: [
      `run unprovision of ${addonName} for ${line.id}: its data is destroyed`,
      `drop its line from ${app.dir}/ADDONS`,
      `drop ${platform.configVar(addonName)} from ${app.dir}/ENV`,
    ],
  };
}

/** Two lines of one resource come from outside: removing it for one app would destroy it for the other. */
function refuseShared({ store }: Context, app: App, { addon, id }: Resource) {
  for (const other of allApps(store.platform)) {
    const lines = other.key === app.key ? [] : (addonsIfReadable(other)?.resources ?? []);
    if (!lines.some((line) => line.addon === addon && line.id === id)) continue;
    throw new AddonsError('conflict', `${other.name} holds ${id} of ${addon}, too: nothing was removed.`, {
      hint: `Find out whose it is and delete the other's line by hand.`,
      details: { app: app.name, addon },
    });
  }
}

export function noResource({ store }: Context, appName: string, addon: string): AddonsError {
  const has = readAddons(findApp(store.platform, appName)).parsed.resources.map((resource) => resource.addon);
  return new AddonsError('resource-not-found', `The app ${appName} has no ${addon}.${suggestion(addon, has)}`, {
    hint: has.length > 0 ? `It has: ${has.join(', ')}.` : `Add it with: addons add ${appName} ${addon}`,
    details: { app: appName, addon },
  });
}
