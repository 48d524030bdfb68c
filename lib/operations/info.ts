import { join } from 'node:path';
import { redactConfig } from '../addon/configuration.ts';
import { SCRIPTS } from '../addon/contract.ts';
import { isInstalled, loadAddon, overridesOf, readDescriptor } from '../scripts/addon.ts';
import { hasScript } from '../scripts/locate.ts';
import { addonsIfReadable } from '../state/app-files.ts';
import { allApps } from '../state/apps.ts';
import { isEnabled } from '../state/markers.ts';
import { installedAddon, installedNames, shippedNames } from './addons.ts';
import type { Context } from './context.ts';
import { newerShipped } from './install-shipped.ts';
import type { AddonInfo, AddonState } from './results.ts';

/** One add-on in full; one that is only shipped is described from its shipped copy. */
export function info(context: Context, name: string): AddonInfo {
  const { platform } = context.store;
  const onlyShipped = !isInstalled(platform, name) && shippedNames(platform).includes(name);
  const shippedRoot = join(platform.shipped ?? '', name);
  const from = onlyShipped ? { ...platform, addonRoot: () => shippedRoot } : platform;
  const addon = onlyShipped ? loadAddon(from, name, context.scripts) : installedAddon(context, name);
  const overrides = overridesOf(platform, name);
  const newer = onlyShipped ? undefined : newerShipped(platform, name);
  return {
    ...stateOf(context, name, addon.root),
    apps: usersByAddon(context).get(name) ?? [],
    root: addon.root,
    data: platform.addonData(name),
    configVar: platform.configVar(name),
    idempotent: addon.descriptor.idempotent,
    scripts: SCRIPTS.map((script) => ({
      name: script.name,
      present: hasScript(addon.root, script.name),
      required: script.required,
      timeout: addon.timeout(script.name) / 1000,
    })),
    config: redactConfig(addon.config),
    ...(overrides !== undefined && { overrides }),
    overridden: Object.keys(addon.from),
    passEnv: addon.descriptor.passEnv,
    ...(newer !== undefined && { newerShipped: newer }),
  };
}

/** All installed and shipped add-ons, by name. */
export function addons(context: Context): AddonState[] {
  const { platform } = context.store;
  const users = usersByAddon(context);
  return [...new Set([...installedNames(platform), ...shippedNames(platform)])].sort().map((name) => {
    const root = isInstalled(platform, name) ? platform.addonRoot(name) : join(platform.shipped ?? '', name);
    return { ...stateOf(context, name, root), apps: users.get(name) ?? [] };
  });
}

function usersByAddon({ store }: Context): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const app of allApps(store.platform)) {
    const lines = addonsIfReadable(app)?.resources ?? [];
    for (const addon of new Set(lines.map((line) => line.addon))) {
      users.set(addon, [...(users.get(addon) ?? []), app.name]);
    }
  }
  return users;
}

function stateOf({ store }: Context, name: string, root: string): AddonState {
  const { description, version } = readDescriptor(root);
  return {
    name,
    installed: isInstalled(store.platform, name),
    enabled: isEnabled(store, name),
    shipped: shippedNames(store.platform).includes(name),
    ...(description !== undefined && { description }),
    ...(version !== undefined && { version }),
    apps: [],
  };
}
