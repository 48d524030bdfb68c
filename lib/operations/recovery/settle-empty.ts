import type { AddonsError } from '../../errors.ts';
import type { Addon } from '../../scripts/addon.ts';
import { deleteEntry, type Entry } from '../../state/journal.ts';
import { isKept } from '../../state/kept.ts';
import { deleteRecord, readRecord } from '../../state/trash.ts';
import { type Context, uninterrupted } from '../context.ts';
import { lockApp } from '../locks.ts';
import { resourceOf } from './entry-fields.ts';
import { holderOf } from './holders.ts';
import { hasStarted, isHeld } from './judge.ts';
import { beaten, heldElsewhere, rivalOf } from './rival.ts';
import { runFor, settleLastRun } from './script-run.ts';
import { type RepeatableEnd, settleRepeatable } from './settle-repeatable.ts';

/** `withdrawn`: nothing was destroyed; without `why` the record means nothing any more and is gone. */
export type EmptiedEnd = RepeatableEnd | { end: 'withdrawn'; why?: AddonsError };

/**
 * Destroys what the trash holds. Once its script has started there is no way back; before, it looks whose the resource is, after a
 * crash as well.
 *
 * @param addon undefined: the entry spares the resource, it is only forgotten
 */
export async function settleEmpty(
  context: Context,
  entry: Entry,
  addon: Addon | undefined,
  mayRunAgain: boolean | 'anyway',
): Promise<EmptiedEnd> {
  await settleLastRun(context, entry);
  if (!entry.runs.some(hasStarted)) {
    const fate = fateOf(context, entry);
    if (typeof fate === 'object') return withdraw(context, entry, fate);
    if (fate === 'gone') return withdraw(context, entry);
    if (fate === 'void') await forgetRecord(context, entry);
    if (fate === 'void') return { end: 'withdrawn' };
    if (fate === 'kept') return forgetRecord(context, entry);
  }
  if (addon === undefined) return forgetRecord(context, entry);
  const { id } = resourceOf(entry);
  const { trashed = '' } = entry.operation;
  return settleRepeatable(
    context,
    entry,
    {
      run: () => runFor(context, entry, addon, 'unprovision', [id], id),
      commit: async () => void (await forgetRecord(context, entry)),
      secrets: () => [...addon.secrets, readRecord(context.store, trashed)?.private ?? ''],
      failed: `; ${id} stays in the trash`,
    },
    mayRunAgain,
  );
}

/** The record last: an undo that ended meanwhile took it away, and what became of the resource since is not ours. */
function fateOf(context: Context, entry: Entry): 'ours' | 'gone' | 'void' | 'kept' | AddonsError {
  const { store } = context;
  const { addon, trashed = '' } = entry.operation;
  const { id } = resourceOf(entry);
  const rival = rivalOf(context, entry);
  if (rival) return beaten(rival);
  const holder = holderOf(store, entry, id);
  if (holder === 'entry' || holder === 'trash') return heldElsewhere(entry);
  if (readRecord(store, trashed) === undefined) return 'gone';
  if (isHeld(holder)) return 'void'; // a line has it
  // As a remove: the broken file of one app must not keep all others from it.
  return isKept(store, addon, id) ? 'kept' : 'ours';
}

async function withdraw({ store }: Context, entry: Entry, why?: AddonsError): Promise<EmptiedEnd> {
  await store.disk.sync(store.platform.trash); // whoever deleted the record may have died before that was durable
  await deleteEntry(store, entry);
  return { end: 'withdrawn', ...(why && { why }) };
}

/** The record before the entry: a record always has its resource. */
async function forgetRecord(context: Context, entry: Entry): Promise<{ end: 'committed' }> {
  const { store } = context;
  await lockApp(uninterrupted(context), resourceOf(entry).app, async () => {
    await deleteRecord(store, entry.operation.trashed ?? '');
    await deleteEntry(store, entry);
  });
  return { end: 'committed' };
}
