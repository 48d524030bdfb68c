import { addonsIfReadable, readAddons, readNames } from '../state/app-files.ts';
import { allApps, findApp } from '../state/apps.ts';
import { NO_NAMES, openResources, UNREADABLE } from './app-resources.ts';
import type { Context } from './context.ts';
import { readVariableNames } from './drift.ts';
import type { AppResources } from './results.ts';

/** What one app has. Reads only. */
export function list(context: Context, appName: string): AppResources {
  const app = findApp(context.store.platform, appName);
  return openResources(context)(app, { addons: readAddons(app).parsed, names: readNames(app).parsed });
}

/** What every app has, one at a time: ten thousand apps need the memory of one. */
export function* listAll(context: Context): Generator<AppResources> {
  const resourcesOf = openResources(context);
  for (const app of allApps(context.store.platform)) {
    const addons = addonsIfReadable(app) ?? UNREADABLE;
    yield resourcesOf(app, { addons, names: readVariableNames(app) ?? NO_NAMES });
  }
}
