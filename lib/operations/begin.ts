import type { Resource } from '../app/addons-file.ts';
import { lineOf, sweepApp } from '../state/app-files.ts';
import { type App, findApp } from '../state/apps.ts';
import {
  beginEntry,
  deleteEntry,
  disown,
  type Entry,
  newOperationId,
  type Operation,
  type OperationKind,
  readEntry,
  readJournal,
} from '../state/journal.ts';
import { prepareStore, type Store } from '../state/store.ts';
import { sweepState } from '../state/sweep.ts';
import { readRecord, type TrashRecord } from '../state/trash.ts';
import type { Context } from './context.ts';
import { settleCrontab } from './crontab.ts';
import { lockAddon, lockApp } from './locks.ts';
import { isAbout } from './recovery/entry-fields.ts';
import { clearEntry } from './recovery/recover.ts';

export type BegunOnApp =
  | { begun: true; entry: Entry; app: App; line: Resource | undefined }
  /** `cleared`: what was under way there before, and was waited for or recovered. */
  | { begun: false; app: App; line: Resource | undefined; cleared: Operation[] };

/** What an entry says beside its kind, app and add-on. */
type Fields = Partial<Pick<Operation, 'resource' | 'env' | 'copyOf' | 'spare' | 'to' | 'trashed'>>;

/**
 * Journals an operation on (app, add-on), once nothing else is under way there.
 *
 * @param fields is called under the lock and may refuse by an error. Undefined: there is nothing to do, nothing is begun
 */
export async function beginOnApp(
  context: Context,
  kind: OperationKind,
  appName: string,
  addon: string,
  fields: (app: App, line: Resource | undefined) => Fields | undefined | Promise<Fields | undefined>,
): Promise<BegunOnApp> {
  const { store } = context;
  const { platform } = store;
  const cleared: Operation[] = [];
  await prepare(context);
  for (;;) {
    const app = findApp(platform, appName);
    const found = await lockApp(context, app, async (): Promise<BegunOnApp | { other: Entry } | undefined> => {
      if (findApp(platform, appName).key !== app.key) return undefined; // made again while we waited
      await sweepApp(store, app);
      const other = readJournal(store).find((entry) => isAbout(entry, app.key, addon));
      if (other) return { other };
      const line = lineOf(app, addon);
      const more = await fields(app, line);
      if (more === undefined) return { begun: false, app, line, cleared };
      return {
        begun: true,
        entry: await begin(context, { ...newOperation(kind, addon), app: nameOf(app), ...more }),
        app,
        line,
      };
    });
    if (found === undefined) continue;
    if (!('other' in found)) return found;
    cleared.push(found.other.operation);
    await clearEntry(context, found.other);
  }
}

/** Journals the emptying of one trash record, whose app may be gone. Undefined: the record is gone. */
export async function beginOnRecord(
  context: Context,
  { operation, app, addon, id }: TrashRecord,
  spare: Operation['spare'],
): Promise<Entry | undefined> {
  const { store } = context;
  await prepare(context);
  for (;;) {
    const found = await lockApp(context, app, async () => {
      const other = readJournal(store).find((entry) => isAbout(entry, app.key, addon));
      if (other) return { other };
      if (readRecord(store, operation) === undefined) return { entry: undefined };
      const about = { app, resource: id, trashed: operation, ...(spare && { spare }) };
      return { entry: await begin(context, { ...newOperation('empty', addon), ...about }) };
    });
    if (!('other' in found)) return found.entry;
    await clearEntry(context, found.other);
  }
}

/** Journals an enable, disable or swap, of which there is one at a time for each add-on. Undefined: it is so already. */
export async function beginOnAddon(
  context: Context,
  kind: 'enable' | 'disable' | 'swap',
  addon: string,
  isSoAlready: () => Promise<boolean> | boolean,
  fields: Pick<Operation, 'swap'> = {},
): Promise<Entry | undefined> {
  const { store } = context;
  await prepare(context);
  for (;;) {
    const found = await lockAddon(context, addon, async () => {
      const other = readJournal(store).find(({ operation }) => !operation.app && operation.addon === addon);
      if (other) return { other };
      return {
        entry: (await isSoAlready()) ? undefined : await begin(context, { ...newOperation(kind, addon), ...fields }),
      };
    });
    if (!('other' in found)) return found.entry;
    await clearEntry(context, found.other);
  }
}

/** Runs the rest of an operation; where that throws, its entry is left for the next recovery. */
export async function carryThrough<T>({ store }: Context, entry: Entry, rest: () => Promise<T>): Promise<T> {
  try {
    return await rest();
  } catch (error) {
    await giveUp(store, entry).catch(() => {}); // the first error says more
    throw error;
  }
}

async function giveUp(store: Store, entry: Entry): Promise<void> {
  if (entry.owner === undefined) return; // another may work on it by now
  const now = readEntry(store, entry.operation.id);
  if (now?.runs.length === 0 && !now.starting && !runsNoScript(now)) await deleteEntry(store, entry);
  else if (now) await disown(store, entry);
}

/** What has no run may have changed files already: recovery goes on with it. */
const runsNoScript = ({ operation: { kind, spare } }: Entry) =>
  spare !== undefined || kind === 'undo' || kind === 'adopt' || kind === 'move' || kind === 'swap';

/** What dead processes left half-made goes first. */
export async function prepare(context: Context): Promise<void> {
  const { store } = context;
  prepareStore(store);
  await sweepState(store);
  await settleCrontab(context);
}

/** Call it under the lock that guards what the operation is about. */
export async function begin(context: Context, operation: Operation): Promise<Entry> {
  const entry = await beginEntry(context.store, operation);
  context.began(operation.id);
  return entry;
}

export const nameOf = ({ name, key }: App): { name: string; key: string } => ({ name, key });

export const newOperation = <K extends Operation['kind']>(kind: K, addon: string): Operation => ({
  version: 1,
  id: newOperationId(),
  kind,
  addon,
  started: new Date().toISOString(),
});
