import { lineOf } from '../state/app-files.ts';
import { findApp } from '../state/apps.ts';
import { installedAddon } from './addons.ts';
import type { Context } from './context.ts';
import { noResource } from './no-resource.ts';
import { openUrls } from './urls.ts';

/** The URL that the next release would hand out. Secret. */
export async function url(context: Context, appName: string, addonName: string): Promise<string> {
  const app = findApp(context.store.platform, appName);
  const line = lineOf(app, addonName);
  if (line === undefined) {
    installedAddon(context, addonName); // a name that no add-on has is the better error
    throw noResource(context, appName, addonName);
  }
  const urls = openUrls(context);
  try {
    return await urls.of(line, appName);
  } finally {
    await urls.close();
  }
}
