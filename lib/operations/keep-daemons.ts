import { isInstalled, realRoot } from '../scripts/addon.ts';
import { removeSockets, showSockets } from '../services/sockets.ts';
import { needSupervisor, type Supervisor } from '../services/supervisor.ts';
import { SETS, type SetName, type Unit } from '../services/unit.ts';
import { readUnits, strayFiles } from '../services/unit-files.ts';
import { isRecoverable } from '../state/journal.ts';
import { isEnabled } from '../state/markers.ts';
import type { Context } from './context.ts';
import { beginSet, declaredUnits, endUnits, type Wanted, wantedOf } from './daemon-set.ts';
import { lockDaemons } from './locks.ts';
import { swapEntry } from './swap-entry.ts';

/** What is to become of the daemons of an add-on. `keep`: they run as they are declared while it is enabled. */
export type DaemonsWish = 'keep' | 'restart' | 'end';

/**
 * Brings the daemons of an add-on in line with what the version in force declares: those that are as they shall be go on. It
 * journals nothing, for what they are to be follows from what is there: who is killed half-way leaves it to the next.
 *
 * @throws {AddonsError} `io` without a supervisor, or where one cannot be started or ended; `conflict`, `malformed`, `busy`
 */
export async function keepDaemons(context: Context, name: string, wish: DaemonsWish): Promise<void> {
  if (!(await swapIsOver(context, name))) return;
  await lockDaemons(context, name, () => tend(context, name, wish));
}

async function tend(context: Context, name: string, wish: DaemonsWish): Promise<void> {
  const { store, scripts } = context;
  const { platform } = store;
  const present = readUnits(platform, name);
  const root = isInstalled(platform, name) ? realRoot(platform, name) : '';
  const set = setInForce(present, root);
  const isOn = wish !== 'end' && isEnabled(store, name);
  // Those of directories are its scripts' matter: they need them before it is enabled, and while it is disabled.
  const isWished = (unit: Unit) => isOn || unit.each !== undefined;
  const wished = root === '' ? [] : declaredUnits(platform, name, root, set).filter(isWished);
  if (wished.length + present.length === 0) return removeSockets(store, name, SETS);
  const supervisor = needSupervisor(platform, scripts.scriptPath, name);
  const wanted =
    wished.length === 0 ? [] : wantedOf(context, name, set, supervisor).filter(({ unit }) => isWished(unit));
  // What runs for a directory its add-on starts anew where it must: it has put there what it works with.
  const isSo = (unit: Unit) =>
    wish !== 'restart' &&
    wanted.some(
      (one) => one.unit.directory === unit.directory && (unit.each !== undefined || strayFiles(one.files).length === 0),
    );
  const ending = present.filter((unit) => !isSo(unit));
  if (ending.length > 0) {
    context.tell({ type: 'step', message: `Ending daemons of ${name}` });
    await endUnits(context, ending, supervisor);
  }
  if (wanted.length === 0) return removeSockets(store, name, SETS);
  if (!(await areUp(wanted, supervisor))) {
    context.tell({ type: 'step', message: `Starting daemons of ${name}` });
    await beginSet(context, wanted, supervisor);
  }
  await showSockets(store, name, set);
  await removeSockets(store, name, [otherSet(set)]);
}

/** One that is about to be started again is not our matter. */
async function areUp(wanted: readonly Wanted[], supervisor: Supervisor): Promise<boolean> {
  if (wanted.some(({ files }) => strayFiles(files).length > 0)) return false;
  const states = await supervisor.states(wanted.map(({ unit }) => unit));
  return states.every(({ state }) => state !== 'down');
}

/** The set of the version in force; after an update, of the one before. */
export const setInForce = (present: readonly Unit[], root: string): SetName =>
  (present.find((unit) => unit.root === root) ?? present[0])?.set ?? 'a';

export const otherSet = (set: SetName): SetName => (set === 'a' ? 'b' : 'a');

/** What a dead swap left is brought to its end; one under way looks after both of its sets itself. */
async function swapIsOver(context: Context, name: string): Promise<boolean> {
  const swap = swapEntry(context.store, name);
  if (swap === undefined) return true;
  if (!isRecoverable(swap)) return false;
  const { recover } = await import('./recovery/recover.ts');
  await recover(context, swap);
  return true;
}
