import { prepareAddonData } from '../state/store.ts';
import { installedAddon } from './addons.ts';
import type { Context } from './context.ts';
import type { AddonEnvironment } from './results.ts';

/** What the scripts of an installed add-on see; but for a dry run `$ADDON_DATA` exists then. @throws {AddonsError} `addon-not-found`, `malformed` */
export function environment(context: Context, name: string): AddonEnvironment {
  const { root, environment } = installedAddon(context, name);
  if (!context.dryRun) prepareAddonData(context.store, name);
  return { addon: name, root, variables: environment() };
}
