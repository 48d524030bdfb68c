import { AddonsError } from '../errors.ts';
import { type App, allApps } from '../state/apps.ts';
import { isKept } from '../state/kept.ts';
import type { Store } from '../state/store.ts';
import { type TrashRecord, trashRecords } from '../state/trash.ts';
import type { Context } from './context.ts';
import type { TrashItem } from './results.ts';

/** What is in the trash, oldest first. Reads only. */
export function trash(context: Context): TrashItem[] {
  const records = trashRecords(context.store);
  if (records.length === 0) return [];
  const apps = allApps(context.store.platform);
  return records.map((one) => itemOf(context, one, apps));
}

export function itemOf(context: Context, record: TrashRecord, apps = allApps(context.store.platform)): TrashItem {
  const { store } = context;
  const { operation, app, addon, id, since, until, env } = record;
  const expired = Date.parse(until) <= Date.now();
  return {
    operation,
    app: nameNow(app, apps),
    addon,
    id,
    since,
    until,
    expired,
    env,
    kept: maySpare(store, addon, id),
  };
}

/** An app that was renamed has another name than when its resource was put there; one that is gone has none. */
function nameNow({ name, key }: TrashRecord['app'], apps: readonly App[]): string {
  const same = apps.filter((app) => app.key === key);
  return (same.find((app) => app.name === name) ?? same[0])?.name ?? name;
}

/** Marks that cannot be read are told of by check; emptying fails over them. */
function maySpare(store: Store, addon: string, id: string): boolean {
  try {
    return isKept(store, addon, id);
  } catch (error) {
    if (error instanceof AddonsError) return true;
    throw error;
  }
}
