import { chmodSync, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fromSystem } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { readDescriptor } from '../scripts/addon.ts';
import { sweepTemporaryTrees, temporaryPath } from '../state/atomic-file.ts';
import type { Store } from '../state/store.ts';

/** Copies an add-on that comes with this package to the add-ons directory: whole or not at all. */
export async function installShipped({ platform, disk }: Store, name: string): Promise<void> {
  const target = platform.addonRoot(name);
  await sweepTemporaryTrees(disk, platform.addonsRoot);
  const building = temporaryPath(target);
  const { default: fs } = await import('fs-extra');
  try {
    await fs.copy(join(platform.shipped ?? '', name), building, { dereference: true, errorOnExist: true });
    for (const path of filesBelow(building)) {
      chmodSync(path, statSync(path).mode & 0o111 || statSync(path).isDirectory() ? 0o755 : 0o644);
      await disk.sync(path);
    }
    await disk.rename(building, target);
    await disk.sync(platform.addonsRoot);
  } catch (error) {
    await disk.removeTree(building).catch(() => {});
    throw fromSystem(error, target);
  }
}

/** The version that ships with this package, if it is newer than the installed one. */
export function newerShipped({ addonRoot, shipped }: Platform, name: string): string | undefined {
  if (shipped === undefined || !existsSync(join(shipped, name))) return undefined;
  const [ours, theirs] = [readDescriptor(join(shipped, name)).version, readDescriptor(addonRoot(name)).version];
  return ours !== undefined && compareVersions(ours, theirs ?? '0') > 0 ? ours : undefined;
}

function filesBelow(root: string): string[] {
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .concat(root);
}

/** By the numbers in them: 1.10.0 is newer than 1.9.3. */
function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
