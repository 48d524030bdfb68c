import type { Operation } from '../state/journal.ts';
import { isKept } from '../state/kept.ts';
import { trashRecords } from '../state/trash.ts';
import type { Context } from './context.ts';
import type { RemoveResult } from './results.ts';

/**
 * What became of a resource whose line somebody else, or the recovery of an interrupted remove, has taken away.
 *
 * @param cleared operations that were waited for or recovered: the remove among them says what it was about to do
 */
export function fateOf(
  { store }: Context,
  addon: string,
  id: string,
  cleared: readonly Operation[],
): Pick<RemoveResult, 'resource' | 'until'> {
  const record = trashRecords(store).find((one) => one.addon === addon && one.id === id);
  if (record) return { resource: 'in-trash', until: record.until };
  if (isKept(store, addon, id)) return { resource: 'kept' };
  const taker = cleared.findLast((one) => one.kind === 'remove' && one.addon === addon && one.resource === id);
  if (taker === undefined) return { resource: 'unknown' };
  return { resource: taker.spare ? 'forgotten' : 'destroyed' };
}
