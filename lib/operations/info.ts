import { join } from 'node:path';
import { redactConfig } from '../addon/configuration.ts';
import { HOOKS, SCRIPTS } from '../addon/contract.ts';
import type { CronJob } from '../addon/cron.ts';
import { isInstalled, overridesOf, readDescriptor, realRoot } from '../scripts/addon.ts';
import { hasScript } from '../scripts/locate.ts';
import { addonsIfReadable } from '../state/app-files.ts';
import { allApps } from '../state/apps.ts';
import { isEnabled } from '../state/markers.ts';
import { placeOf } from '../state/versions.ts';
import { anyAddon, installedNames, shippedNames } from './addons.ts';
import type { Context } from './context.ts';
import { newerShipped } from './install-shipped.ts';
import type { AddonInfo, AddonState, PackageInfo } from './results.ts';

/** One add-on in full; one that is only shipped is described from its shipped copy. */
export function info(context: Context, name: string): AddonInfo {
  const { platform } = context.store;
  const addon = anyAddon(context, name);
  const overrides = overridesOf(platform, name);
  const daemons = Object.entries(addon.descriptor.daemons);
  const newer = isInstalled(platform, name) ? newerShipped(platform, name) : undefined;
  return {
    ...stateOf(context, name, addon.root),
    apps: usersByAddon(context).get(name) ?? [],
    root: isInstalled(platform, name) ? platform.addonRoot(name) : addon.root,
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
    from: addon.from,
    ...(addon.profile !== undefined && { profile: addon.profile }),
    inherits: addon.descriptor.inherits,
    passEnv: addon.descriptor.passEnv,
    ...(newer !== undefined && { newerShipped: newer }),
    ...(daemons.length > 0 && { daemons: daemons.map(([name, { command }]) => ({ name, command })) }),
    ...(addon.descriptor.cron.length > 0 && { jobs: addon.descriptor.cron.map(jobOf) }),
  };
}

const jobOf = ({ name, schedule, command, timeout }: CronJob) => ({ name, schedule, command, timeout });

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
    ...(placeOf(store.platform, name) === 'developed' && { developed: realRoot(store.platform, name) }),
    apps: [],
  };
}

/** A package, verified. @throws {AddonsError} `addon-not-found`; `malformed`, also for a damaged one */
export async function packageInfo(file: string): Promise<PackageInfo> {
  const { describePackage } = await import('../packages/describe-package.ts');
  const { manifest, descriptor } = await describePackage(file);
  const { name, version, format, hash, content } = manifest;
  const sizes = Object.values(content).map((item) => ('size' in item ? item.size : 0));
  return {
    file,
    name,
    version,
    ...(descriptor.description !== undefined && { description: descriptor.description }),
    format,
    hash,
    files: sizes.length,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    config: redactConfig(descriptor.config),
    profiles: Object.keys(descriptor.profiles),
    inherits: descriptor.inherits,
    scripts: [...SCRIPTS, ...HOOKS].map((script) => script.name).filter((script) => Object.hasOwn(content, script)),
    daemons: Object.keys(descriptor.daemons),
    jobs: descriptor.cron.map((job) => job.name),
  };
}
