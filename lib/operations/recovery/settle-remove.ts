import { AddonsError } from '../../errors.ts';
import type { Addon } from '../../scripts/addon.ts';
import { dropLine, writeConfigVars } from '../../state/app-changes.ts';
import { readAddons } from '../../state/app-files.ts';
import { followApp } from '../../state/apps.ts';
import { deleteEntry, type Entry } from '../../state/journal.ts';
import type { Store } from '../../state/store.ts';
import { type Context, uninterrupted } from '../context.ts';
import { lockApp } from '../locks.ts';
import { runFor } from './script-run.ts';
import { type RepeatableEnd, settleRepeatable } from './settle-repeatable.ts';

export function settleRemove(
  context: Context,
  entry: Entry,
  addon: Addon,
  mayRunAgain: boolean,
): Promise<RepeatableEnd> {
  const { store } = context;
  const { app, resource } = entry.operation;
  if (app === undefined || resource === undefined) {
    throw new AddonsError('malformed', `The journal entry ${entry.path} names no app or resource.`);
  }
  return settleRepeatable(
    context,
    entry,
    {
      run: () => runFor(context, entry, addon, 'unprovision', [resource], resource),
      commit: () => commit(uninterrupted(context), entry, app, resource),
      secrets: () => [...addon.secrets, ...privatesOf(store, app, addon.name)],
      failed: `; the line of ${resource} stays in ADDONS of ${app.name}`,
    },
    mayRunAgain,
  );
}

/** unprovision is not given the private, but may know it. */
function privatesOf({ platform }: Store, target: { name: string; key: string }, addon: string): string[] {
  const app = followApp(platform, target);
  const lines = app ? readAddons(app).parsed.resources : [];
  return lines.filter((line) => line.addon === addon).map((line) => line.private);
}

/** Line, config var and entry go in one lock hold. */
async function commit(
  context: Context,
  entry: Entry,
  target: { name: string; key: string },
  id: string,
): Promise<void> {
  const { store } = context;
  const { addon } = entry.operation;
  await lockApp(context, target, async () => {
    const app = followApp(store.platform, target);
    if (app) {
      await dropLine(store, app, addon, id);
      await writeConfigVars(store, app, new Map([[store.platform.configVar(addon), undefined]]));
    }
    await deleteEntry(store, entry);
  });
}
