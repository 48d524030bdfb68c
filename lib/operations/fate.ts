import { isKept } from '../state/kept.ts';
import { trashRecords } from '../state/trash.ts';
import type { Context } from './context.ts';
import type { RemoveResult } from './results.ts';

/** What became of a resource whose line somebody else, or the recovery of an interrupted remove, has taken away. */
export function fateOf({ store }: Context, addon: string, id: string): Pick<RemoveResult, 'resource' | 'until'> {
  const record = trashRecords(store).find((one) => one.addon === addon && one.id === id);
  if (record) return { resource: 'in-trash', until: record.until };
  return { resource: isKept(store, addon, id) ? 'kept' : 'destroyed' };
}
