import { readRegularFile, replaceFile } from './atomic-file.ts';
import type { Store } from './store.ts';

// Ids of resources that must never be unprovisioned, one a line, beside the add-on's data: they move with it.

/** A mark stays when its line goes: the resource may live on, and is to be spared as long as it does. */
export const isKept = (store: Store, addon: string, id: string): boolean => keptIds(store, addon).has(id);

export const keptIds = ({ platform }: Store, addon: string): Set<string> =>
  new Set(readRegularFile(platform.kept(addon)).bytes.toString().split('\n').filter(Boolean));

/** Call it under the add-on's lock. False: it was so already. */
export async function setKept(store: Store, addon: string, id: string, kept: boolean): Promise<boolean> {
  const { disk, platform, libOwner } = store;
  const path = platform.kept(addon);
  const seen = readRegularFile(path);
  const ids = new Set(seen.bytes.toString().split('\n').filter(Boolean));
  if (ids.has(id) === kept) return false;
  if (kept) ids.add(id);
  else ids.delete(id);
  await replaceFile(disk, path, [...ids].map((one) => `${one}\n`).join(''), seen, libOwner);
  return true;
}
