import { readdirSync, rmdirSync, statSync } from 'node:fs';
import { systemCode } from '../errors.ts';
import type { Store } from './store.ts';

/** Whether something lies in `$ADDON_DATA`; the list of kept resources is nothing while it is empty. */
export function hasData({ platform }: Store, addon: string): boolean {
  const kept = statSync(platform.kept(addon), { throwIfNoEntry: false })?.size ?? 0;
  return namesIn(platform.addonData(addon)).some((name) => name !== 'kept' || kept > 0);
}

/** Removes `$ADDON_DATA` where nothing lies in it. Call it under the add-on's lock, of one that is not enabled. */
export async function dropEmptyData(store: Store, addon: string): Promise<void> {
  const { platform, disk } = store;
  if (hasData(store, addon)) return;
  await disk.unlink(platform.kept(addon));
  try {
    rmdirSync(platform.addonData(addon));
  } catch {
    // Not there, a link to elsewhere, or not empty after all: nobody misses an empty directory.
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    return ['?']; // what cannot be seen may be something
  }
}
