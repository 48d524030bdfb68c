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
  readEntry,
  readJournal,
  sweepJournal,
} from '../state/journal.ts';
import { prepareStore, type Store } from '../state/store.ts';
import type { Context } from './context.ts';
import { lockAddon, lockApp } from './locks.ts';
import { clearEntry } from './recovery/recover.ts';

export type BegunOnApp =
  | { begun: true; entry: Entry; app: App; line: Resource | undefined }
  | { begun: false; app: App; line: Resource | undefined };

/**
 * Journals an operation on (app, add-on), once nothing else is under way there and the line is as wanted.
 * Not begun: the line is not as wanted, so there is nothing to do.
 */
export async function beginOnApp(
  context: Context,
  kind: 'add' | 'remove',
  appName: string,
  addon: string,
): Promise<BegunOnApp> {
  const { store } = context;
  prepareStore(store);
  await sweepJournal(store);
  for (;;) {
    const app = findApp(store.platform, appName);
    const found = await lockApp(context, app, async (): Promise<BegunOnApp | { other: Entry } | undefined> => {
      if (findApp(store.platform, appName).key !== app.key) return undefined; // made again while we waited
      await sweepApp(store, app);
      const other = readJournal(store).find(
        ({ operation }) => operation.app?.key === app.key && operation.addon === addon,
      );
      if (other) return { other };
      const line = lineOf(app, addon);
      if ((line === undefined) !== (kind === 'add')) return { begun: false, app, line };
      const entry = await beginEntry(store, {
        ...newOperation(kind, addon),
        app: { name: app.name, key: app.key },
        ...(kind === 'remove' && line && { resource: line.id }),
      });
      return { begun: true, entry, app, line };
    });
    if (found === undefined) continue;
    if (!('other' in found)) return found;
    await clearEntry(context, found.other);
  }
}

/** Journals an enable or disable, of which there is one at a time for each add-on. Undefined: it is so already. */
export async function beginOnAddon(
  context: Context,
  kind: 'enable' | 'disable',
  addon: string,
  isSoAlready: () => Promise<boolean> | boolean,
): Promise<Entry | undefined> {
  const { store } = context;
  prepareStore(store);
  await sweepJournal(store);
  for (;;) {
    const found = await lockAddon(context, addon, async () => {
      const other = readJournal(store).find(({ operation }) => !operation.app && operation.addon === addon);
      if (other) return { other };
      return { entry: (await isSoAlready()) ? undefined : await beginEntry(store, newOperation(kind, addon)) };
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
  if (now?.runs.length === 0 && !now.starting) await deleteEntry(store, entry);
  else if (now) await disown(store, entry);
}

const newOperation = <K extends Operation['kind']>(kind: K, addon: string): Operation => ({
  version: 1,
  id: newOperationId(),
  kind,
  addon,
  started: new Date().toISOString(),
});
