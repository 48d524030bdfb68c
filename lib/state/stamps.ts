import { closeSync, constants, fchownSync, lstatSync, lutimesSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fromSystem, systemCode } from '../errors.ts';
import type { App } from './apps.ts';
import type { Store } from './store.ts';

// Every release leaves a new stamp, even one that finds nothing to change: another release that began
// before it must see that it is the older one. A stamp is the modification time of an empty file, set to
// anything that differs: that costs one system call. Only processes of this boot compare stamps, so no fsync.
// Its access time says when the release was; nobody reads the file, so nothing else sets that. A link in its place is never
// followed: root would change somebody else's file.

/** '' where no release has been yet. */
export function readStamp({ platform }: Store, app: App): string {
  const path = join(platform.stamps, app.key);
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false })?.mtimeNs.toString() ?? '';
  } catch (error) {
    throw fromSystem(error, path);
  }
}

/** When the app was last released; undefined: never, or not since it came to this file system. */
export function releasedAt({ platform }: Store, app: App): Date | undefined {
  const path = join(platform.stamps, app.key);
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    return stat === undefined || stat.atimeMs <= 0 ? undefined : stat.atime;
  } catch (error) {
    throw fromSystem(error, path);
  }
}

/** Call it under the app's lock. */
export function bumpStamp({ platform, libOwner }: Store, app: App): void {
  const path = join(platform.stamps, app.key);
  try {
    bump(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw fromSystem(error, path);
    create(path, libOwner);
  }
}

function create(path: string, owner: Store['libOwner']): void {
  try {
    const fd = openSync(path, NEW_FILE, 0o600);
    try {
      if (owner) fchownSync(fd, owner.uid, owner.gid);
    } finally {
      closeSync(fd);
    }
    bump(path);
  } catch (error) {
    throw fromSystem(error, path);
  }
}

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

const bump = (path: string) => lutimesSync(path, Date.now() / 1000, Math.random() * 2 ** 31);
