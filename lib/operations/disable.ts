import { AddonsError } from '../errors.ts';
import type { Addon } from '../scripts/addon.ts';
import { readAddons } from '../state/app-files.ts';
import { readApps } from '../state/apps.ts';
import { deleteEntry, type Entry, markStarting, readJournal } from '../state/journal.ts';
import { isEnabled } from '../state/markers.ts';
import { prepareAddonData } from '../state/store.ts';
import { readTrash, type TrashRecord } from '../state/trash.ts';
import { installedAddon } from './addons.ts';
import { beginOnAddon, carryThrough } from './begin.ts';
import type { Context } from './context.ts';
import { takeSteps } from './crontab.ts';
import { emptyOne } from './empty-trash.ts';
import { clearEntry } from './recovery/recover.ts';
import { runDisable, settleDisable } from './recovery/settle-disable.ts';
import { remove } from './remove.ts';
import type { DisableResult, RemoveResult } from './results.ts';
import { lookForShared } from './shared.ts';
import { daemonNames } from './tend-daemons.ts';
import { triggered } from './triggered.ts';

/** Cleans an add-on up. With `force` it is removed from every app first, each resource its own operation. */
export async function disable(context: Context, name: string, force = false): Promise<DisableResult> {
  if (context.dryRun) return plan(context, name, force);
  return triggered(context, { what: 'disable', addon: name }, (context) => carryOut(context, name, force));
}

async function carryOut(context: Context, name: string, force: boolean): Promise<DisableResult> {
  const { store } = context;
  const addon = installedAddon(context, name);
  addon.script('disable');
  const before = isEnabled(store, name);
  const entry = await beginOnAddon(context, 'disable', name, () => !isEnabled(store, name));
  // Another, or the recovery of an interrupted disable, may have done what we came for.
  if (entry === undefined) return { addon: name, outcome: before ? 'done' : 'unchanged', removed: [], steps: [] };
  return carryThrough(context, entry, async () => {
    const removed = await freeFromApps(context, entry, name, force);
    await runScript(context, entry, addon);
    return { addon: name, outcome: 'done', removed, steps: [] };
  });
}

async function plan(context: Context, name: string, force: boolean): Promise<DisableResult> {
  installedAddon(context, name);
  if (!isEnabled(context.store, name)) return { addon: name, outcome: 'unchanged', removed: [], steps: [] };
  const users = usersOf(context, name);
  const trashed = trashOf(context, name);
  if (users.length > 0 && !force) throw inUse(name, users);
  if (trashed.length > 0 && !force) throw inTrash(name, trashed.length);
  const removed: RemoveResult[] = [];
  const look = lookForShared(context);
  for (const app of users) removed.push(await remove(context, app, name, {}, look));
  for (const record of trashed) removed.push(await emptied(context, record));
  const steps = [
    ...removed.flatMap((each) => each.steps),
    ...daemonNames(context, name).map((daemon) => `end the daemon ${daemon}`),
    `run disable of ${name}`,
    `remove ${context.store.platform.marker(name)}`,
    ...takeSteps(context, name),
  ];
  return { addon: name, outcome: 'planned', removed, steps };
}

/** Entries first, then lines: an add that has committed is seen in one of them. Our own entry keeps new ones out. */
async function freeFromApps(context: Context, entry: Entry, name: string, force: boolean): Promise<RemoveResult[]> {
  const removed: RemoveResult[] = [];
  try {
    for (;;) {
      const open = readJournal(context.store).find(({ operation }) => operation.app && operation.addon === name);
      if (open) {
        await clearEntry(context, open);
        continue;
      }
      // Lines before trash: a remove takes a resource that way; undo, the other way, is kept out by our entry.
      const users = usersOf(context, name);
      const trashed = trashOf(context, name);
      if (users.length + trashed.length === 0) return removed;
      if (!force) throw users.length > 0 ? inUse(name, users) : inTrash(name, trashed.length);
      const look = lookForShared(context);
      for (const app of users) removed.push(await remove(context, app, name, {}, look));
      for (const record of trashed) removed.push(await emptied(context, record));
    }
  } catch (error) {
    await deleteEntry(context.store, entry); // nothing of the disable itself has begun
    throw error;
  }
}

async function runScript(context: Context, entry: Entry, addon: Addon) {
  const { store } = context;
  context.tell({ type: 'step', message: `Disabling ${addon.name}` });
  prepareAddonData(store, addon.name);
  await markStarting(store, entry);
  await runDisable(context, entry, addon);
  const ended = await settleDisable(context, entry, addon, false);
  if (ended.end === 'left' || ended.end === 'failed') throw ended.why;
}

/** Apps with a line for it. An ADDONS file that cannot be read counts as in use. */
function usersOf({ store }: Context, addon: string): string[] {
  return readApps(store.platform, (app) => {
    const uses = readAddons(app).parsed.resources.some((line) => line.addon === addon);
    return uses ? [app.name] : [];
  }).flat();
}

/** As with ADDONS: a record that cannot be read may be of this add-on. @throws {AddonsError} `malformed` */
function trashOf({ store }: Context, addon: string): TrashRecord[] {
  const { records, unreadable } = readTrash(store);
  if (unreadable[0]) throw unreadable[0];
  return records.filter((record) => record.addon === addon);
}

async function emptied(context: Context, record: TrashRecord): Promise<RemoveResult> {
  const { addon, id, app } = record;
  return { app: app.name, addon, id, ...(await emptyOne(context, record)) };
}

const inTrash = (addon: string, count: number) =>
  new AddonsError('in-use', `The trash holds ${count} resource${count === 1 ? '' : 's'} of ${addon}.`, {
    hint: `Bring them back with "addons undo", or lose their data: addons disable ${addon} --force`,
    details: { addon },
  });

const inUse = (addon: string, apps: string[]) =>
  new AddonsError(
    'in-use',
    `${addon} is in use by ${apps.length} app${apps.length === 1 ? '' : 's'}: ${shortList(apps)}.`,
    {
      hint: `Remove it from them first, or lose their data: addons disable ${addon} --force`,
      details: { addon },
    },
  );

const shortList = (names: string[]) =>
  names.length > 10 ? `${names.slice(0, 10).join(', ')} and ${names.length - 10} more` : names.join(', ');
