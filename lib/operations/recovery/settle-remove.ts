import type { Addon } from '../../scripts/addon.ts';
import { dropLine, writeConfigVars, writeNames } from '../../state/app-changes.ts';
import { extraNames, readAddons } from '../../state/app-files.ts';
import { type App, followApp } from '../../state/apps.ts';
import { deleteEntry, type Entry } from '../../state/journal.ts';
import type { Store } from '../../state/store.ts';
import { writeRecord } from '../../state/trash.ts';
import { type Context, uninterrupted } from '../context.ts';
import { lockApp } from '../locks.ts';
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

/** A remove that spares its resource runs no script: it goes forward, also without the add-on. */
export async function settleSpared(context: Context, entry: Entry): Promise<{ end: 'committed' }> {
  await commitRemove(context, entry);
  return { end: 'committed' };
}

/** Line, variables and entry go in one lock hold; what goes to the trash is there before. Doing it again does no harm. */
async function commitRemove(context: Context, entry: Entry): Promise<void> {
  const { store } = context;
  const { app: target, id } = resourceOf(entry);
  const { addon } = entry.operation;
  await lockApp(uninterrupted(context), target, async () => {
    const app = followApp(store.platform, target);
    if (app) {
      await putInTrash(store, entry, app, id);
      await dropLine(store, app, addon, id);
      await dropVariables(store, app, addon);
    }
    await deleteEntry(store, entry);
  });
}

/** The names last: they tell which variables go. Call it under the app's lock, once the line is gone. */
export async function dropVariables(store: Store, app: App, addon: string): Promise<void> {
  const variables = [store.platform.configVar(addon), ...extraNames(app, addon)];
  await writeConfigVars(store, app, new Map(variables.map((name) => [name, undefined])));
  await writeNames(store, app, addon, []);
}

async function putInTrash(store: Store, { operation }: Entry, app: App, id: string): Promise<void> {
  const until = operation.spare?.trash;
  const line = linesOf(app, operation.addon).find((one) => one.id === id);
  if (until === undefined || line === undefined) return; // without its line, it is there already
  await writeRecord(store, {
    version: 1,
    operation: operation.id,
    app: { name: app.name, key: app.key },
    ...line,
    env: extraNames(app, operation.addon),
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
