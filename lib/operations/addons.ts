import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Descriptor } from '../addon/descriptor.ts';
import { AddonsError, fromSystem, systemCode } from '../errors.ts';
import { checkAddonName, isAddonName, suggestion } from '../names.ts';
import type { Platform } from '../platform.ts';
import { type Addon, isInstalled, loadAddon, readDescriptor, realRoot, withRoot } from '../scripts/addon.ts';
import { isEnabled } from '../state/markers.ts';
import type { Context } from './context.ts';

/** @throws {AddonsError} `usage`, `addon-not-found` with the nearest name, `malformed` */
export function installedAddon(context: Context, name: string): Addon {
  const { platform } = context.store;
  refuseAbsent(platform, name);
  return loadAddon(platform, name, context.scripts, context.timeout);
}

/** One that is installed, else one that comes with this package. @throws {AddonsError} as `installedAddon` */
export function anyAddon(context: Context, name: string): Addon {
  const { platform } = context.store;
  if (isInstalled(platform, name) || !shippedNames(platform).includes(name)) return installedAddon(context, name);
  return loadAddon(withRoot(platform, name, join(platform.shipped ?? '', name)), name, context.scripts);
}

/** What its `addon.toml` says, also where overrides are wrong. @throws {AddonsError} as `installedAddon` */
export function installedDescriptor({ store }: Context, name: string): Descriptor {
  refuseAbsent(store.platform, name);
  return readDescriptor(realRoot(store.platform, name));
}

function refuseAbsent(platform: Platform, name: string): void {
  checkAddonName(name);
  if (!isInstalled(platform, name)) throw notInstalled(platform, name);
}

/** @throws {AddonsError} as `installedAddon`, and `not-enabled` */
export function enabledAddon(context: Context, name: string): Addon {
  const addon = installedAddon(context, name);
  if (isEnabled(context.store, name)) return addon;
  throw notEnabled(name);
}

export const notEnabled = (name: string): AddonsError =>
  new AddonsError('not-enabled', `The add-on ${name} is not enabled.`, {
    hint: `Enable it first: addons enable ${name}`,
    details: { addon: name },
  });

export const installedNames = ({ addonsRoot }: Platform): string[] => directories(addonsRoot);

export const shippedNames = ({ shipped }: Platform): string[] => (shipped === undefined ? [] : directories(shipped));

function notInstalled(platform: Platform, name: string): AddonsError {
  if (shippedNames(platform).includes(name)) return notEnabled(name);
  const known = [...new Set([...installedNames(platform), ...shippedNames(platform)])].sort();
  return new AddonsError(
    'addon-not-found',
    `There is no add-on "${name}" in ${platform.addonsRoot}.${suggestion(name, known)}`,
    {
      hint:
        known.length > 0
          ? `There are: ${known.join(', ')}.`
          : `Install it from its directory: addons install ./${name}`,
      details: { addon: name },
    },
  );
}

function directories(root: string): string[] {
  try {
    return readdirSync(root, { withFileTypes: true })
      .filter((entry) => isAddonName(entry.name) && (entry.isDirectory() || entry.isSymbolicLink()))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fromSystem(error, root);
  }
}
