import { AddonsError } from '../errors.ts';
import { checkAppName } from '../names.ts';
import { addonsIfReadable, extraNames, lineOf, readAddons, sweepApp } from '../state/app-files.ts';
import { type App, appExists, findApp } from '../state/apps.ts';
import { readJournal } from '../state/journal.ts';
import { moveRecord, trashRecords } from '../state/trash.ts';
import { begin, carryThrough, nameOf, newOperation, prepare } from './begin.ts';
import { type Context, uninterrupted } from './context.ts';
import { lockApp, lockApps } from './locks.ts';
import { log } from './log.ts';
import { logged } from './logged.ts';
import { isAbout } from './recovery/entry-fields.ts';
import { clearEntry } from './recovery/recover.ts';
import { commitMove, releasedValue } from './recovery/settle-move.ts';
import type { Outcome, RenameResult } from './results.ts';
import { refuseTakenName } from './taken-name.ts';

/**
 * The app's directory gets the new name, and so what is in it. Where a platform has made the new directory already, the lines are
 * moved there, each its own operation: killed half-way, the same command goes on.
 */
export async function rename(context: Context, appName: string, to: string): Promise<RenameResult> {
  const result = await carryOut(context, appName, to);
  const { outcome } = result;
  if (outcome !== 'planned') await context.triggers.tell('app-rename', [appName, to], { outcome });
  return result;
}

async function carryOut(context: Context, appName: string, to: string): Promise<RenameResult> {
  const { platform } = context.store;
  if (checkAppName(to) === checkAppName(appName))
    throw new AddonsError('usage', `${appName} has that name already.`, { hint: 'Name another one.' });
  const before = { app: appName, to, directory: false, moved: [], steps: [] };
  // The platform renamed the directory itself, and everything went with it.
  if (!appExists(platform, appName) && appExists(platform, to)) {
    await refuseUnheardOf(context, appName);
    return { ...before, outcome: 'unchanged' };
  }
  const app = findApp(platform, appName);
  if (!appExists(platform, to)) return renameDirectory(context, app, to);
  const target = findApp(platform, to);
  if (target.key === app.key) throw isSameDirectory(app, target);
  return moveAll(context, app, target);
}

/** A slip of the pen must not look like a rename that is done. @throws {AddonsError} `app-not-found` */
async function refuseUnheardOf(context: Context, name: string): Promise<void> {
  const { store } = context;
  const inJournal = readJournal(store).some(({ operation: { app, to } }) => app?.name === name || to?.name === name);
  if (inJournal || trashRecords(store).some(({ app }) => app.name === name)) return;
  for await (const _ of log(context, { app: name }, { last: 1 })) return;
}

/** Under both names: whoever asks the log for one of them finds it. */
const loggedForBoth = <T extends { outcome: Outcome }>(
  context: Context,
  from: string,
  to: string,
  about: { addon?: string },
  work: (context: Context) => Promise<T>,
): Promise<T> =>
  logged(context, { what: 'rename', app: from, ...about }, (outer) =>
    logged(outer, { what: 'rename', app: to, ...about }, work),
  );

async function renameDirectory(context: Context, app: App, to: string): Promise<RenameResult> {
  const { store } = context;
  const path = store.platform.appDir(to);
  const moved = [...new Set(addonsIfReadable(app)?.resources.map(({ addon }) => addon))];
  const result = { app: app.name, to, directory: true, moved };
  if (context.dryRun) return { ...result, outcome: 'planned', steps: [`rename ${app.dir} to ${path}`] };
  return loggedForBoth(context, app.name, to, {}, async (context) => {
    await prepare(context);
    // One system call under the lock. Entries, trash and stamp know the directory by its identity, which it keeps.
    await lockApp(uninterrupted(context), app, async () => {
      if (findApp(store.platform, app.name).key !== app.key || appExists(store.platform, to))
        throw changed(app.name, to);
      await store.disk.rename(app.dir, path);
      await store.disk.sync(store.platform.appsRoot);
    });
    return { ...result, outcome: 'done', steps: [] };
  });
}

async function moveAll(context: Context, from: App, to: App): Promise<RenameResult> {
  // One that was interrupted late has left the source already.
  const open = readJournal(context.store).filter(
    ({ operation: { kind, app, to: target } }) => kind === 'move' && app?.key === from.key && target?.key === to.key,
  );
  const lines = [...open.map(({ operation }) => operation), ...readAddons(from).parsed.resources];
  const addons = [...new Set(lines.map(({ addon }) => addon))];
  const records = trashRecords(context.store).filter((record) => record.app.key === from.key);
  for (const addon of addons) {
    const [line, other] = [lineOf(from, addon), lineOf(to, addon)];
    if (line && other && line.id !== other.id) throw hasOne(to, addon); // one id: an interrupted move has it in both
    await refuseTakenNames(context, from, to, addon);
  }
  const result = { app: from.name, to: to.name, directory: false };
  if (context.dryRun) {
    const steps = [
      ...records.map(({ addon, id }) => `give ${to.name} what the trash holds of ${from.name}: ${addon} ${id}`),
      ...addons.map((addon) => `move the line of ${addon} from ${from.dir}/ADDONS to ${to.dir}/ADDONS`),
    ];
    return { ...result, outcome: steps.length > 0 ? 'planned' : 'unchanged', moved: addons, steps };
  }
  for (const entry of open) await clearEntry(context, entry);
  await moveTrash(context, from, to);
  const moved: string[] = [];
  for (const addon of addons) if (await moveOne(context, from, to, addon)) moved.push(addon);
  // An interrupted move may have been brought to its end meanwhile: then it counts as well.
  const rest = addons.filter((addon) => !moved.includes(addon) && lineOf(to, addon));
  const all = [...moved, ...rest];
  return { ...result, outcome: all.length + records.length > 0 ? 'done' : 'unchanged', moved: all, steps: [] };
}

/** What is being destroyed or brought back at this moment is left to that. */
async function moveTrash(context: Context, from: App, to: App): Promise<void> {
  const { store } = context;
  await prepare(context);
  await lockApps(uninterrupted(context), from, to, async () => {
    const busy = new Set(readJournal(store).map(({ operation }) => operation.trashed));
    for (const { operation, app } of trashRecords(store))
      if (app.key === from.key && !busy.has(operation)) await moveRecord(store, operation, nameOf(to));
  });
}

async function moveOne(context: Context, from: App, to: App, addon: string): Promise<boolean> {
  return (
    (
      await loggedForBoth(context, from.name, to.name, { addon }, async (context) => {
        const outcome = (await move(context, from, to, addon)) ? ('done' as const) : ('unchanged' as const);
        return { outcome };
      })
    ).outcome === 'done'
  );
}

/** False: there is no line any more. */
async function move(context: Context, from: App, to: App, addon: string): Promise<boolean> {
  const { store } = context;
  await prepare(context);
  for (;;) {
    const found = await lockApps(uninterrupted(context), from, to, async () => {
      for (const app of [from, to]) {
        if (findApp(store.platform, app.name).key !== app.key) throw changed(from.name, to.name);
        await sweepApp(store, app);
      }
      const other = readJournal(store).find((entry) => [from, to].some(({ key }) => isAbout(entry, key, addon)));
      if (other) return { other };
      const line = lineOf(from, addon);
      if (line === undefined) return { moved: false };
      if (lineOf(to, addon)) throw hasOne(to, addon);
      await refuseTakenNames(context, from, to, addon);
      const env = extraNames(from, addon);
      const about = { app: nameOf(from), to: nameOf(to), resource: line.id, ...(env.length > 0 && { env }) };
      const entry = await begin(context, { ...newOperation('move', addon), ...about });
      const ended = await carryThrough(context, entry, () => commitMove(context, entry));
      if (ended.end === 'withdrawn' && ended.why) throw ended.why;
      return { moved: true };
    });
    if (!('other' in found)) return found.moved;
    await clearEntry(context, found.other);
  }
}

/** ENV of the target may set a name as the source does: a platform may have copied the file. */
async function refuseTakenNames(context: Context, from: App, to: App, addon: string): Promise<void> {
  const value = await releasedValue(context, from, addon);
  for (const name of extraNames(from, addon)) await refuseTakenName(context, to, addon, name, value);
}

const isSameDirectory = (from: App, to: App) =>
  new AddonsError('conflict', `${from.name} and ${to.name} are one directory: there is nothing to move.`, {
    hint: `One of them is a link: ${from.dir} or ${to.dir}.`,
    details: { app: from.name },
  });

const changed = (from: string, to: string) =>
  new AddonsError('conflict', `The directory of ${from} or ${to} changed at the same moment.`, {
    hint: 'Run the command again.',
  });

const hasOne = ({ name }: App, addon: string) =>
  new AddonsError('conflict', `${name} has ${addon} already: nothing was moved.`, {
    hint: `Decide which one to keep; put the other in the trash: addons remove ${name} ${addon} --keep-for 7d`,
    details: { app: name, addon },
  });
