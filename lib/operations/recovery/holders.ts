import { readAddons } from '../../state/app-files.ts';
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
  for (const app of allApps(store.platform)) {
    const holds = readAddons(app).parsed.resources.some((line) => line.addon === operation.addon && line.id === id);
    if (holds && app.key === operation.app?.key) return 'own-line';
    inLine ||= holds;
  }
  if (inLine) return 'line';
  return inEntry ? 'entry' : undefined;
}
