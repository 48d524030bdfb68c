import { addonsIfReadable } from '../state/app-files.ts';
import { type App, allApps, findApp } from '../state/apps.ts';
import { releasedAt } from '../state/stamps.ts';
import { installedNames } from './addons.ts';
import { NO_NAMES, openResources, UNREADABLE } from './app-resources.ts';
import type { Context } from './context.ts';
import { driftIn, readVariables } from './drift.ts';
import { healthOf } from './health.ts';
import type { AppStatus, ResourceStatus, StatusResult } from './results.ts';

/**
 * One app or all, at a glance; each file is read once and no `url` script is run. With `health` the add-ons that the app uses are
 * asked, or all.
 */
export async function status(context: Context, appName?: string, health = false): Promise<StatusResult> {
  const { platform } = context.store;
  const statusOf = openStatus(context);
  const apps: AppStatus[] = [];
  for (const app of appName === undefined ? allApps(platform) : [findApp(platform, appName)])
    apps.push(await statusOf(app));
  if (!health) return { apps };
  const used = new Set(apps.flatMap(({ resources }) => resources.map(({ addon }) => addon)));
  const addons = installedNames(platform).filter((addon) => appName === undefined || used.has(addon));
  return { apps, health: await healthOf(context, addons) };
}

function openStatus(context: Context): (app: App) => Promise<AppStatus> {
  const { store } = context;
  const resourcesOf = openResources(context);
  return async (app) => {
    const addons = addonsIfReadable(app) ?? UNREADABLE;
    const variables =
      addons.resources.length > 0 ? await readVariables(store, app) : { names: undefined, env: undefined };
    const { resources, malformed } = resourcesOf(app, { addons, names: variables.names ?? NO_NAMES });
    const drifting = new Set(driftIn({ addons, ...variables }, store.platform.configVar).map(({ addon }) => addon));
    const released = releasedAt(store, app)?.toISOString();
    return {
      app: app.name,
      ...(released !== undefined && { released }),
      resources: resources.map(
        (one): ResourceStatus => (one.state === 'ok' && drifting.has(one.addon) ? { ...one, state: 'drift' } : one),
      ),
      malformed,
    };
  };
}
