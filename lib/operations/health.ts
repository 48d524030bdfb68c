import { closeSync, existsSync, openSync } from 'node:fs';
import { availableParallelism, devNull } from 'node:os';
import { join } from 'node:path';
import { AddonsError } from '../errors.ts';
import { addonsIfReadable } from '../state/app-files.ts';
import { allApps } from '../state/apps.ts';
import { isEnabled } from '../state/markers.ts';
import { installedAddon } from './addons.ts';
import type { Context } from './context.ts';
import { runPlain } from './plain-script.ts';
import type { AddonHealth } from './results.ts';

/** What the `health` scripts of those that are enabled say, as many at once as there are cores; in the order of the names. */
export async function healthOf(context: Context, addons: readonly string[]): Promise<AddonHealth[]> {
  const asked = addons.filter((addon) => isEnabled(context.store, addon));
  const answers = new Map<string, AddonHealth>();
  const next = asked.values();
  const ask = async () => {
    for (const addon of next) answers.set(addon, await healthOfOne(context, addon));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, ask));
  return asked.flatMap((addon) => answers.get(addon) ?? []);
}

async function healthOfOne(context: Context, name: string): Promise<AddonHealth> {
  try {
    const addon = installedAddon(context, name);
    // One that is there and cannot be run is no answer, and not the same as none.
    if (!existsSync(join(addon.root, 'health'))) return { addon: name, health: 'none' };
    const nowhere = openSync(devNull, 'w');
    try {
      const secrets = privatesOf(context, name);
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

/** The script is given no private, but may know them all. */
const privatesOf = ({ store }: Context, name: string): string[] =>
  allApps(store.platform).flatMap((app) =>
    (addonsIfReadable(app)?.resources ?? []).filter(({ addon }) => addon === name).map((line) => line.private),
  );
