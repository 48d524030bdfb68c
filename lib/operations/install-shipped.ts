import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from '../platform.ts';
import { readDescriptor } from '../scripts/addon.ts';
import type { Store } from '../state/store.ts';
import { readTree } from '../state/tree.ts';
import { placeConfig } from './operator-config.ts';
import { copyTree, stageAddon } from './stage-addon.ts';

/** Puts an add-on that comes with this package in place: whole or not at all. Call it under the add-on's lock. */
export async function installShipped(store: Store, name: string): Promise<void> {
  const from = join(store.platform.shipped ?? '', name);
  readTree(from); // names what is wrong where it lies, not in the copy
  const staged = await stageAddon(store, name, (directory) => copyTree(from, directory));
  try {
    await placeConfig(store, name, readDescriptor(staged.root));
    await staged.publish();
  } finally {
    await staged.discard();
  }
}

/** The version that ships with this package, if it is newer than the installed one. */
export function newerShipped({ addonRoot, shipped }: Platform, name: string): string | undefined {
  if (shipped === undefined || !existsSync(join(shipped, name))) return undefined;
  const [ours, theirs] = [readDescriptor(join(shipped, name)).version, readDescriptor(addonRoot(name)).version];
  return ours !== undefined && compareVersions(ours, theirs ?? '0') > 0 ? ours : undefined;
}

/** By the numbers in them: 1.10.0 is newer than 1.9.3. */
function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
