import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { readRegularFile, replaceFile, sweepTemporaryFiles } from './atomic-file.ts';
import type { Store } from './store.ts';

/** `$ADDON_DATA/enabled` exists exactly while the add-on is enabled. */
export const isEnabled = ({ platform }: Store, addon: string): boolean => existsSync(platform.marker(addon));

export async function setEnabled(store: Store, addon: string): Promise<void> {
  const path = store.platform.marker(addon);
  await sweepTemporaryFiles(store.disk, dirname(path));
  const seen = readRegularFile(path);
  if (seen.identity === undefined) await replaceFile(store.disk, path, '', seen, store.libOwner);
  // Whoever wrote it may have died before it was durable, and the entry goes next.
  else await store.disk.sync(dirname(path));
}

export async function unsetEnabled({ disk, platform }: Store, addon: string): Promise<void> {
  const path = platform.marker(addon);
  await disk.unlink(path);
  await disk.sync(dirname(path));
}
