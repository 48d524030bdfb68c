import { setTimeout as sleep } from 'node:timers/promises';
import { AddonsError } from '../../errors.ts';
import { realRoot } from '../../scripts/addon.ts';
import { removeSockets, showSockets } from '../../services/sockets.ts';
import { needSupervisor } from '../../services/supervisor.ts';
import type { Unit } from '../../services/unit.ts';
import { readUnits } from '../../services/unit-files.ts';
import { addonsIfReadable } from '../../state/app-files.ts';
import { readApps } from '../../state/apps.ts';
import { deleteEntry, type Entry, type Operation } from '../../state/journal.ts';
import { dropVersion } from '../../state/versions.ts';
import { type Context, uninterrupted } from '../context.ts';
import { refreshCrontab } from '../crontab.ts';
import { endUnits } from '../daemon-set.ts';
import { otherSet } from '../keep-daemons.ts';
import { lockDaemons } from '../locks.ts';

/**
 * Brings a swap to its end: forward where the new version is in force, else back. Neither runs a script of the add-on but `url`, and
 * both may be done again.
 */
export async function settleSwap(
  context: Context,
  entry: Entry,
): Promise<{ end: 'committed' } | { end: 'failed'; why: AddonsError }> {
  const { addon, swap } = entry.operation;
  if (swap !== undefined && realRoot(context.store.platform, addon) === swap.root) {
    await swapForward(context, entry, swap);
    return { end: 'committed' };
  }
  if (swap !== undefined) await swapBack(context, entry, swap);
  return { end: 'failed', why: wentBack(addon) };
}

type Swap = NonNullable<Operation['swap']>;

/** Which apps use it, and were released or not. */
export interface SwapReleases {
  released: string[];
  notReleased: string[];
}

/** The new version is in force: clients are led to it, then the old one may end. */
export async function swapForward(context: Context, entry: Entry, { set }: Swap): Promise<SwapReleases> {
  const { store } = context;
  const name = entry.operation.addon;
  const calm = uninterrupted(context);
  const units = readUnits(store.platform, name);
  const old = units.filter((unit) => unit.set !== set);
  if (units.length > old.length) await showSockets(store, name, set);
  await refreshJobs(calm, name);
  const releases = await releaseUsers(calm, name);
  if (old.length > 0) {
    context.tell({ type: 'step', message: `Ending the old daemons of ${name}` });
    await sleep(PAUSE);
    await end(calm, name, old);
  }
  await removeSockets(store, name, [otherSet(set)]);
  await deleteEntry(store, entry);
  return releases;
}

/** The journal stands for the announcement. A crontab that cannot be written is no reason to keep the old version. */
async function refreshJobs(context: Context, name: string): Promise<void> {
  try {
    await refreshCrontab(context, name);
  } catch (error) {
    if (!(error instanceof AddonsError)) throw error;
    context.tell({ type: 'warning', message: error.message });
  }
}

/** Milliseconds. Who looked up the old socket a moment ago is still served by it: a daemon that ends refuses who waits. */
const PAUSE = 1000;

/** The old version was never stopped: what was begun of the new one goes. */
export async function swapBack(context: Context, entry: Entry, { root, set }: Swap): Promise<void> {
  const { store } = context;
  const name = entry.operation.addon;
  const begun = readUnits(store.platform, name).filter((unit) => unit.set === set);
  if (begun.length > 0) await end(uninterrupted(context), name, begun);
  await removeSockets(store, name, [set]);
  await dropVersion(store, root);
  await deleteEntry(store, entry);
}

function end(context: Context, name: string, units: readonly Unit[]): Promise<void> {
  const supervisor = needSupervisor(context.store.platform, context.scripts.scriptPath, name);
  return lockDaemons(context, name, () => endUnits(context, units, supervisor));
}

/** One that cannot be released keeps its URL, and does not stop the others. */
async function releaseUsers(context: Context, name: string): Promise<SwapReleases> {
  const users = readApps(context.store.platform, (app) =>
    addonsIfReadable(app)?.resources.some(({ addon }) => addon === name) ? [app.name] : [],
  ).flat();
  const result: SwapReleases = { released: [], notReleased: [] };
  if (users.length === 0) return result;
  const { release } = await import('../release.ts');
  for (const app of users) {
    try {
      await release(context, app);
      result.released.push(app);
    } catch (error) {
      if (!(error instanceof AddonsError)) throw error;
      context.tell({ type: 'warning', message: error.message });
      result.notReleased.push(app);
    }
  }
  return result;
}

const wentBack = (addon: string) =>
  new AddonsError('conflict', `The interrupted swap of ${addon} was taken back: the version before runs on.`, {
    hint: 'Run it again if it is still wanted.',
    details: { addon },
  });
