import { addonsIfReadable, readAddons } from '../../state/app-files.ts';
import { allApps } from '../../state/apps.ts';
import { type Entry, readJournal } from '../../state/journal.ts';
import type { Store } from '../../state/store.ts';
import { allocated, type Holder } from './judge.ts';

/**
 * Who holds this id of the entry's add-on, beside the entry itself.
 *
 * Entries before lines: an add that is committing writes its line before it deletes its entry, so one of
 * the two is seen.
 */
export function holderOf(store: Store, entry: Entry, id: string): Holder {
  const { operation } = entry;
  const inEntry = readJournal(store).some(
    (other) =>
      other.operation.id !== operation.id &&
      other.operation.addon === operation.addon &&
      (other.operation.resource === id ||
        other.runs.some((run) => run.script === 'provision' && allocated(run)?.id === id)),
  );
  let inLine = false;
  let unreadable = false;
  for (const app of allApps(store.platform)) {
    const own = app.key === operation.app?.key;
    const resources = (own ? readAddons(app).parsed : addonsIfReadable(app))?.resources;
    const holds = resources?.some((line) => line.addon === operation.addon && line.id === id) ?? false;
    if (holds && own) return 'own-line';
    inLine ||= holds;
    unreadable ||= resources === undefined;
  }
  if (inLine) return 'line';
  if (inEntry) return 'entry';
  return unreadable ? 'unknown' : undefined;
}
