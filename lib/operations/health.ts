import { closeSync, existsSync, openSync } from 'node:fs';
import { availableParallelism, devNull } from 'node:os';
import { join } from 'node:path';
import type { Resource } from '../app/addons-file.ts';
import { AddonsError } from '../errors.ts';
import type { Addon } from '../scripts/addon.ts';
import { addonsIfReadable } from '../state/app-files.ts';
import { allApps } from '../state/apps.ts';
import { isEnabled } from '../state/markers.ts';
import { installedAddon } from './addons.ts';
import type { Context } from './context.ts';
import { runPlain } from './plain-script.ts';
import type { AddonHealth } from './results.ts';
import { hasServe, openServed } from './served.ts';

/** What the `health` scripts of those that are enabled say, as many at once as there are cores; in the order of the names. */
export async function healthOf(context: Context, addons: readonly string[]): Promise<AddonHealth[]> {
  const asked = addons.filter((addon) => isEnabled(context.store, addon));
  const answers = new Map<string, AddonHealth>();
  const next = asked.values();
  const privates = privatesOnce(context);
  const ask = async () => {
    for (const addon of next) answers.set(addon, await healthOfOne(context, addon, privates));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, ask));
  return asked.flatMap((addon) => answers.get(addon) ?? []);
}

async function healthOfOne(context: Context, name: string, privates: Privates): Promise<AddonHealth> {
  try {
    const addon = installedAddon(context, name);
    if (await isServedWell(context, addon, () => privates(name))) return { addon: name, health: 'healthy' };
    // One that is there and cannot be run is no answer, and not the same as none.
    if (!existsSync(join(addon.root, 'health'))) return { addon: name, health: 'none' };
    const nowhere = openSync(devNull, 'w');
    try {
      const secrets = () => privates(name);
      await runPlain(context, { addon, script: 'health', args: [], stdout: nowhere, secrets });
    } finally {
      closeSync(nowhere);
    }
    return { addon: name, health: 'healthy' };
  } catch (error) {
    if (!(error instanceof AddonsError) || error.code === 'aborted') throw error;
    return { addon: name, health: 'unhealthy', message: error.message };
  }
}

/** False: it has no process that answers this. @throws {AddonsError} it has one, and is not well */
async function isServedWell(context: Context, addon: Addon, privates: () => string[]): Promise<boolean> {
  if (!hasServe(addon)) return false;
  const served = openServed(context, addon, privates);
  return served.isHealthy().finally(() => served.close());
}

/** The privates of all resources of an add-on. */
type Privates = (addon: string) => string[];

/** A script is given no private, but may know them all. Every ADDONS is read, so only when one failed, and once for all. */
function privatesOnce({ store }: Context): Privates {
  let known: Map<string, string[]> | undefined;
  return (name) => {
    known ??= byAddon(allApps(store.platform).flatMap((app) => addonsIfReadable(app)?.resources ?? []));
    return known.get(name) ?? [];
  };
}

function byAddon(lines: readonly Resource[]): Map<string, string[]> {
  const privates = new Map<string, string[]>();
  for (const { addon, private: secret } of lines) {
    const known = privates.get(addon);
    if (known) known.push(secret);
    else privates.set(addon, [secret]);
  }
  return privates;
}
