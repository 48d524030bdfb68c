import { addonsIfReadable, readAddons } from '../../state/app-files.ts';
import { readApps } from '../../state/apps.ts';
import { type Entry, readJournal } from '../../state/journal.ts';
import { isKept } from '../../state/kept.ts';
import type { Store } from '../../state/store.ts';
import { readTrash } from '../../state/trash.ts';
import { allocated, type Holder } from './judge.ts';

/**
 * Who holds this id of the entry's add-on, beside the entry itself and the trash record that it is about.
 *
 * Entries first: an operation that is committing writes line or record before it deletes its entry. Trash last: a remove
 * leads from a line to the trash and asks nobody; undo and move lead elsewhere, look for entries like this one, and withdraw.
 */
export function holderOf(store: Store, entry: Entry, id: string): Holder {
  const { operation } = entry;
  const inEntry = isNamedElsewhere(store, entry, id);
  const lines = readApps(store.platform, (app) => {
    const own = app.key === operation.app?.key;
    const resources = (own ? readAddons(app).parsed : addonsIfReadable(app))?.resources;
    const holds = resources?.some((line) => line.addon === operation.addon && line.id === id) ?? false;
    return { own, holds, unreadable: resources === undefined };
  });
  const { records, unreadable } = readTrash(store);
  const inTrash = records.some(
    (record) => record.operation !== operation.trashed && record.addon === operation.addon && record.id === id,
  );
  if (lines.some(({ own, holds }) => own && holds)) return 'own-line';
  if (lines.some(({ holds }) => holds)) return 'line';
  if (inEntry) return 'entry';
  if (inTrash) return 'trash';
  if (unreadable.length > 0 || lines.some((line) => line.unreadable)) return 'unknown';
  return isKept(store, operation.addon, id) ? 'kept' : undefined;
}

/** Whether another entry is about this id of the same add-on, or its provision printed it. */
export const isNamedElsewhere = (store: Store, { operation }: Entry, id: string): boolean =>
  readJournal(store).some(
    (other) =>
      other.operation.id !== operation.id &&
      other.operation.addon === operation.addon &&
      (other.operation.resource === id ||
        other.runs.some((run) => run.script === 'provision' && allocated(run)?.id === id)),
  );
