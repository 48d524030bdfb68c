import type { Addon } from '../../scripts/addon.ts';
import { dropLine } from '../../state/app-changes.ts';
import { readAddons } from '../../state/app-files.ts';
import { type App, followApp } from '../../state/apps.ts';
import { deleteEntry, type Entry, quarantine } from '../../state/journal.ts';
import type { Store } from '../../state/store.ts';
import { readRecord, writeRecord } from '../../state/trash.ts';
import { type Context, uninterrupted } from '../context.ts';
import { lockApp } from '../locks.ts';
import { dropVariables, namesIfReadable } from './drop-variables.ts';
import { resourceOf } from './entry-fields.ts';
import { runFor } from './script-run.ts';
import { type RepeatableEnd, settleRepeatable } from './settle-repeatable.ts';

export function settleRemove(
  context: Context,
  entry: Entry,
  addon: Addon,
  mayRunAgain: boolean | 'anyway',
): Promise<RepeatableEnd> {
  const { store } = context;
  const { app, id } = resourceOf(entry);
  return settleRepeatable(
    context,
    entry,
    {
      run: () => runFor(context, entry, addon, 'unprovision', [id], id),
      commit: () => commitRemove(context, entry),
      secrets: () => [...addon.secrets, ...privatesOf(store, app, addon.name)],
      failed: `; the line of ${id} stays in ADDONS of ${app.name}`,
    },
    mayRunAgain,
  );
}

/** `quarantined`: the app went, and its line with it, before the resource was in the trash. */
export type SparedEnd = { end: 'committed' } | { end: 'quarantined'; reason: string };

/** A remove that spares its resource runs no script: it goes forward, also without the add-on. */
export async function settleSpared(context: Context, entry: Entry): Promise<SparedEnd> {
  const { store } = context;
  const { operation } = entry;
  const { app, id } = resourceOf(entry);
  const isLost =
    operation.spare?.trash !== undefined &&
    followApp(store.platform, app) === undefined &&
    readRecord(store, operation.id) === undefined;
  if (!isLost) {
    await commitRemove(context, entry);
    return { end: 'committed' };
  }
  const reason = `the app was deleted before ${id} was put in the trash; it exists, and nobody has it`;
  await quarantine(store, entry, reason);
  return { end: 'quarantined', reason };
}

/** Line, variables and entry go in one lock hold; what goes to the trash is there before. Doing it again does no harm. */
async function commitRemove(context: Context, entry: Entry): Promise<void> {
  const { store } = context;
  const { app: target, id } = resourceOf(entry);
  const { addon } = entry.operation;
  await lockApp(uninterrupted(context), target, async () => {
    const app = followApp(store.platform, target);
    if (app) {
      await putInTrash(context, entry, app, id);
      await dropLine(store, app, addon, id);
      await dropVariables(context, app, addon);
    }
    await deleteEntry(store, entry);
  });
}

async function putInTrash(context: Context, { operation }: Entry, app: App, id: string): Promise<void> {
  const until = operation.spare?.trash;
  const line = linesOf(app, operation.addon).find((one) => one.id === id);
  if (until === undefined || line === undefined) return; // without its line, it is there already
  await writeRecord(context.store, {
    version: 1,
    operation: operation.id,
    app: { name: app.name, key: app.key },
    ...line,
    env: namesIfReadable(context, app, operation.addon) ?? [],
    since: operation.started,
    until,
  });
}

/** unprovision is not given the private, but may know it. */
function privatesOf({ platform }: Store, target: { name: string; key: string }, addon: string): string[] {
  const app = followApp(platform, target);
  return app ? linesOf(app, addon).map((line) => line.private) : [];
}

const linesOf = (app: App, addon: string) =>
  readAddons(app)
    .parsed.resources.filter((line) => line.addon === addon)
    .map(({ id, private: secret }) => ({ addon, id, private: secret }));
