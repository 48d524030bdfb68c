import { isKept } from '../state/kept.ts';
import { type TrashRecord, trashRecords } from '../state/trash.ts';
import type { Context } from './context.ts';
import type { TrashItem } from './results.ts';

/** What is in the trash, oldest first. Reads only. */
export const trash = (context: Context): TrashItem[] => trashRecords(context.store).map((one) => itemOf(context, one));

export function itemOf({ store }: Context, record: TrashRecord): TrashItem {
  const { operation, app, addon, id, since, until, env } = record;
  const expired = Date.parse(until) <= Date.now();
  return { operation, app: app.name, addon, id, since, until, expired, env, kept: isKept(store, addon, id) };
}
