import type { Platform } from '../platform.ts';
import { type Addon, loadAddon, readDescriptor, withRoot } from '../scripts/addon.ts';
import { socketsOf } from '../services/sockets.ts';
import { startScript } from '../services/start-script.ts';
import type { ServiceFile, Supervisor } from '../services/supervisor.ts';
import { type SetName, type Unit, unitsOf } from '../services/unit.ts';
import { filesOf, removeUnit, strayFiles, writeUnit } from '../services/unit-files.ts';
import { prepareAddonData } from '../state/store.ts';
import type { Context } from './context.ts';

/** A unit, and all that it is to consist of. */
export interface Wanted {
  unit: Unit;
  files: ServiceFile[];
}

/**
 * What the daemons of an add-on are to be, as this set. They see what the scripts see, but nothing from outside: whoever starts
 * them, and be it the boot, they are the same.
 *
 * @param root the version, where it is not the one in force
 */
export function wantedOf(
  context: Context,
  name: string,
  set: SetName,
  supervisor: Supervisor,
  root?: string,
): Wanted[] {
  const addon = inside(context, name, root);
  const { platform } = context.store;
  const environment = addon.environment({ sockets: platform.sockets(name, set) });
  return unitsOf(platform, addon, set).map((unit) => ({
    unit,
    files: filesOf(unit, startScript(unit, environment), supervisor),
  }));
}

/** What a version declares. */
export const declaredUnits = (platform: Platform, name: string, root: string, set: SetName): Unit[] =>
  unitsOf(platform, { name, root, descriptor: readDescriptor(root) }, set);

function inside({ store, scripts }: Context, name: string, root: string | undefined): Addon {
  const platform = root === undefined ? store.platform : withRoot(store.platform, name, root);
  return loadAddon(platform, name, { ...scripts, outside: {}, command: undefined });
}

/** Writes and starts a set; what runs already goes on. Call it, and the next, under the lock of the add-on's daemons. */
export async function beginSet(context: Context, wanted: readonly Wanted[], supervisor: Supervisor): Promise<void> {
  const { store } = context;
  for (const { unit, files } of wanted) {
    prepareAddonData(store, unit.addon);
    socketsOf(store, unit.addon, unit.set);
    const stray = strayFiles(files);
    if (stray.length > 0) await writeUnit(store, unit, stray);
  }
  await supervisor.begin(wanted.map(({ unit }) => unit));
}

/** Ends units, and removes all that they consist of. */
export async function endUnits({ store }: Context, units: readonly Unit[], supervisor: Supervisor): Promise<void> {
  await supervisor.end(units, async () => {
    for (const unit of units) await removeUnit(store, unit, supervisor);
  });
}
