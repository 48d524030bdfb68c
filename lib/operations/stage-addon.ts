import { chmodSync } from 'node:fs';
import { join, relative } from 'node:path';
import { AddonsError, fromSystem } from '../errors.ts';
import { sweepTemporaryTrees, temporaryPath } from '../state/atomic-file.ts';
import type { Store } from '../state/store.ts';
import { isLeftOut, type LeftOut, readTree } from '../state/tree.ts';
import { leftVersions, newVersion, putInForce } from '../state/versions.ts';

/** The files of an add-on on their way to its place: nobody sees them before they are in force. */
export interface Staged {
  /** Where they lie, now and later. */
  root: string;
  /** Puts them in force, durably, also in place of another version. Call it under the add-on's lock. */
  publish(): Promise<void>;
  /** Removes what was not published. */
  discard(): Promise<void>;
}

/**
 * Lays out a new version of an add-on, whole and durable. Files belong to who installs; what can be executed becomes 0755, the
 * rest 0644.
 *
 * @param fill puts the files into a directory that nobody else can enter
 * @throws {AddonsError} `malformed` for what is no part of an add-on; `disk-full`, `permission`, `io`; what `fill` throws
 */
export async function stageAddon(
  store: Store,
  name: string,
  fill: (directory: string) => Promise<unknown>,
): Promise<Staged> {
  const { platform, disk } = store;
  const root = newVersion(platform, name);
  const building = temporaryPath(join(platform.versions, name));
  await sweepLeft(store);
  const discard = async () => {
    for (const path of [building, root]) await disk.removeTree(path).catch(() => {}); // the next one sweeps it
  };
  try {
    await disk.makeDirectory(building, undefined);
    await fill(building);
    // What was looked at in the source may have been changed before it was copied: now it counts.
    for (const { path, kind, executable } of readTree(building).reverse()) {
      if (kind === 'link') continue; // durable with its directory
      chmodSync(join(building, path), executable ? 0o755 : 0o644);
      await disk.sync(join(building, path));
    }
    chmodSync(building, 0o755);
    await disk.sync(building);
    await disk.rename(building, root);
    await disk.sync(platform.versions);
  } catch (error) {
    await discard();
    throw fromSystem(error, platform.addonRoot(name));
  }
  let isPublished = false;
  return {
    root,
    publish: async () => {
      isPublished = true; // also where it fails half-way: who reads the link may have it
      await putInForce(store, name, root);
    },
    discard: async () => {
      if (!isPublished) await discard();
    },
  };
}

/** Fills a directory with a copy of another. */
export async function copyTree(from: string, to: string, leftOut: LeftOut = isLeftOut): Promise<void> {
  const { default: fs } = await import('fs-extra');
  const parts = new Set(readTree(from, leftOut).map(({ path }) => path));
  const isPart = (path: string) => path === from || parts.has(relative(from, path));
  await fs.copy(from, to, { errorOnExist: true, filter: isPart });
}

/** What root left, others cannot remove: no reason not to install. */
async function sweepLeft({ platform, disk }: Store): Promise<void> {
  try {
    await sweepTemporaryTrees(disk, platform.addonsRoot);
    for (const version of leftVersions(platform)) await disk.removeTree(version);
  } catch (error) {
    if (!(error instanceof AddonsError && error.code === 'permission')) throw error;
  }
}
