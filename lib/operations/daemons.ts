import type { Platform } from '../platform.ts';
import { realRoot } from '../scripts/addon.ts';
import { removeSockets } from '../services/sockets.ts';
import { needSupervisor } from '../services/supervisor.ts';
import { SETS, type Unit } from '../services/unit.ts';
import { readUnits, servedAddons } from '../services/unit-files.ts';
import { isEnabled } from '../state/markers.ts';
import { installedDescriptor, installedNames, notEnabled } from './addons.ts';
import type { Context } from './context.ts';
import { declaredUnits, endUnits } from './daemon-set.ts';
import { keepDaemons } from './keep-daemons.ts';
import { lockDaemons } from './locks.ts';
import { logged } from './logged.ts';
import type { ControlResult, DaemonControl, DaemonState } from './results.ts';

/** Every instance of every daemon of one add-on, or of all: in the order of the names. @throws {AddonsError} `addon-not-found` */
export async function daemons(context: Context, addon?: string): Promise<DaemonState[]> {
  const { platform } = context.store;
  if (addon !== undefined) installedDescriptor(context, addon); // says what there is
  const names = addon === undefined ? [...new Set([...servedAddons(platform), ...declaring(context)])].sort() : [addon];
  const states = await Promise.all(names.map((name) => statesOf(context, name)));
  return states.flat();
}

/** Enabled add-ons; what is wrong with others is not asked here. */
const declaring = ({ store }: Context): string[] =>
  installedNames(store.platform).filter((name) => isEnabled(store, name) && declared(store.platform, name).length > 0);

const declared = (platform: Platform, name: string): Unit[] =>
  declaredUnits(platform, name, realRoot(platform, name), 'a');

async function statesOf({ store, scripts }: Context, name: string): Promise<DaemonState[]> {
  const present = readUnits(store.platform, name);
  const units = present.length > 0 || !isEnabled(store, name) ? present : declared(store.platform, name);
  if (units.length === 0) return [];
  const supervisor = needSupervisor(store.platform, scripts.scriptPath, name);
  const states = await supervisor.states(units);
  return states.map(({ unit, instance, state, pid, since }) => ({
    addon: name,
    daemon: unit.daemon,
    instance,
    state,
    ...(pid !== undefined && { pid }),
    ...(since !== undefined && { since }),
    supervisor: supervisor.name,
  }));
}

/**
 * Starts, ends or restarts the daemons of an enabled add-on. What was ended stays so until it is started, or the add-on is enabled
 * or updated, or all apps are released.
 *
 * @throws {AddonsError} `addon-not-found`, `not-enabled`, `io`, `busy`
 */
export async function controlDaemons(context: Context, name: string, what: DaemonControl): Promise<ControlResult> {
  const declared = Object.keys(installedDescriptor(context, name).daemons);
  if (!isEnabled(context.store, name)) throw notEnabled(name);
  if (declared.length === 0) return { addon: name, outcome: 'unchanged', daemons: [], steps: [] };
  if (context.dryRun) {
    const steps = declared.map((daemon) => `${what} the daemon ${daemon}`);
    return { addon: name, outcome: 'planned', daemons: await daemons(context, name), steps };
  }
  return logged(context, { what: `${what} daemons`, addon: name, always: true }, async (context) => {
    await (what === 'stop' ? stop(context, name) : keepDaemons(context, name, what === 'start' ? 'keep' : 'restart'));
    return { addon: name, outcome: 'done', daemons: await daemons(context, name), steps: [] };
  });
}

async function stop(context: Context, name: string): Promise<void> {
  const { store, scripts } = context;
  await lockDaemons(context, name, async () => {
    const units = readUnits(store.platform, name);
    if (units.length > 0) await endUnits(context, units, needSupervisor(store.platform, scripts.scriptPath, name));
    await removeSockets(store, name, SETS);
  });
}
