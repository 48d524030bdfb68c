import { AddonsError } from '../errors.ts';
import { suggestion } from '../names.ts';
import { readAddons } from '../state/app-files.ts';
import { findApp } from '../state/apps.ts';
import type { Context } from './context.ts';

/** The app has no line for this add-on: says what it has instead. */
export function noResource({ store }: Context, appName: string, addon: string): AddonsError {
  const has = readAddons(findApp(store.platform, appName)).parsed.resources.map((resource) => resource.addon);
  return new AddonsError('resource-not-found', `The app ${appName} has no ${addon}.${suggestion(addon, has)}`, {
    hint: has.length > 0 ? `It has: ${has.join(', ')}.` : `Add it with: addons add ${appName} ${addon}`,
    details: { app: appName, addon },
  });
}
