import { writeNames } from '../../state/app-changes.ts';
import { extraNames, lineWithId } from '../../state/app-files.ts';
import { followApp } from '../../state/apps.ts';
import { deleteEntry, type Entry } from '../../state/journal.ts';
import { type Context, uninterrupted } from '../context.ts';
import { lockApp } from '../locks.ts';
import { resourceOf } from './entry-fields.ts';

/** The secret is not in the journal: with its line the adopt is done, without it nothing has happened. */
export async function settleAdopt(
  context: Context,
  entry: Entry,
): Promise<{ end: 'committed' } | { end: 'withdrawn' }> {
  const { store } = context;
  const { app: target, id } = resourceOf(entry);
  const { addon } = entry.operation;
  return lockApp(uninterrupted(context), target, async () => {
    const app = followApp(store.platform, target);
    const done = app !== undefined && lineWithId(app, addon, id) !== undefined;
    if (app && !done && extraNames(app, addon).length > 0) await writeNames(store, app, addon, []);
    await deleteEntry(store, entry);
    return { end: done ? 'committed' : 'withdrawn' };
  });
}
