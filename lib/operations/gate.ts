import type { AddonsError } from '../errors.ts';
import { deleteEntry, type Entry, readJournal } from '../state/journal.ts';
import { isEnabled } from '../state/markers.ts';
import type { Store } from '../state/store.ts';
import { notEnabled } from './addons.ts';
import type { Context } from './context.ts';
import { busy } from './locks.ts';

/**
 * Nobody gets a resource of an add-on that is being disabled. Call it after the entry is written: of an add and a disable one
 * always sees the other.
 *
 * @throws {AddonsError} `busy`, `not-enabled`; the entry is withdrawn then
 */
export async function gate(context: Context, entry: Entry): Promise<void> {
  const why = closed(context, entry.operation.addon);
  if (why === undefined) return;
  await deleteEntry(context.store, entry);
  throw why;
}

/** Why nobody may get a resource of this add-on now. The disable entry first, the marker second: it goes before the entry does. */
export function closed({ store }: Context, addon: string): AddonsError | undefined {
  return beingDisabled(store, addon) ?? (isEnabled(store, addon) ? undefined : notEnabled(addon));
}

/** Why a line of this add-on may not change its place now: who disables it could miss it. */
export function beingDisabled(store: Store, addon: string): AddonsError | undefined {
  const disabling = readJournal(store).find(
    ({ operation }) => operation.kind === 'disable' && operation.addon === addon,
  );
  return disabling && busy(`add-on ${addon}: it is being disabled`, disabling.owner);
}
