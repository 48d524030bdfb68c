import { chmodSync } from 'node:fs';
import { join, relative } from 'node:path';
import { AddonsError, fromSystem } from '../errors.ts';
import { sweepTemporaryTrees, temporaryPath } from '../state/atomic-file.ts';
import type { Store } from '../state/store.ts';
import { isLeftOut, readTree } from '../state/tree.ts';

/** The copy of an add-on under a temporary name: nobody sees it before it is published. */
export interface Copy {
  /** Gives it its name, durably. Call it under the add-on's lock, and where there is none of that name. */
  publish(): Promise<void>;
  /** Removes what was not published. */
  discard(): Promise<void>;
}

/**
 * Copies a directory beside its place in the add-ons directory, whole and durable. Files belong to who copies; what can be
 * executed becomes 0755, the rest 0644.
 *
 * @throws {AddonsError} `malformed` for what is no part of an add-on; `disk-full`, `permission`, `io`
 */
export async function copyAddon({ platform, disk }: Store, from: string, name: string): Promise<Copy> {
  const target = platform.addonRoot(name);
  const building = temporaryPath(target);
  await sweepLeft(disk, platform.addonsRoot);
  const { default: fs } = await import('fs-extra');
  const discard = () => disk.removeTree(building).catch(() => {}); // the next one sweeps it
  try {
    await fs.copy(from, building, { errorOnExist: true, filter: (path) => !isLeftOut(relative(from, path)) });
    chmodSync(building, 0o755);
    // What was looked at in the source may have been changed before it was copied: now it counts.
    for (const { path, kind, executable } of readTree(building).reverse()) {
      if (kind === 'link') continue; // durable with its directory
      chmodSync(join(building, path), executable ? 0o755 : 0o644);
      await disk.sync(join(building, path));
    }
    await disk.sync(building);
  } catch (error) {
    await discard();
    throw fromSystem(error, target);
  }
  const publish = async () => {
    await disk.rename(building, target);
    await disk.sync(platform.addonsRoot);
  };
  return { publish, discard };
}

/** What root left, others cannot remove: no reason not to install. */
async function sweepLeft(disk: Store['disk'], addonsRoot: string): Promise<void> {
  await sweepTemporaryTrees(disk, addonsRoot).catch((error) => {
    if (!(error instanceof AddonsError && error.code === 'permission')) throw error;
  });
}
