import { chownSync, closeSync, openSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fromSystem, systemCode } from '../errors.ts';
import type { App } from './apps.ts';
import type { Store } from './store.ts';

// Every release leaves a new stamp, even one that finds nothing to change: another release that began
// before it must see that it is the older one. A stamp is the modification time of an empty file, set to
// anything that differs: that costs one system call. Only processes of this boot compare stamps, so no fsync.

/** '' where no release has been yet. */
export function readStamp({ platform }: Store, app: App): string {
  const path = join(platform.stamps, app.key);
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false })?.mtimeNs.toString() ?? '';
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
    closeSync(openSync(path, 'a', 0o600));
    if (owner) chownSync(path, owner.uid, owner.gid);
    bump(path);
  } catch (error) {
    throw fromSystem(error, path);
  }
}

const bump = (path: string) => utimesSync(path, 0, Math.random() * 2 ** 31);
