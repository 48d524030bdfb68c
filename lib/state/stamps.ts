import { chownSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromSystem, systemCode } from '../errors.ts';
import type { App } from './apps.ts';
import { nonce } from './nonce.ts';
import type { Store } from './store.ts';

// Every release leaves a new stamp, even one that finds nothing to change: another release that began
// before it must see that it is the older one. Only processes of this boot compare stamps, so no fsync.

export function readStamp({ platform }: Store, app: App): string {
  try {
    return readFileSync(join(platform.stamps, app.key), 'latin1');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return '';
    throw fromSystem(error, platform.stamps);
  }
}

/** Call it under the app's lock. */
export function bumpStamp({ platform, libOwner }: Store, app: App): void {
  const path = join(platform.stamps, app.key);
  try {
    writeFileSync(path, nonce(), { mode: 0o600 });
    if (libOwner) chownSync(path, libOwner.uid, libOwner.gid);
  } catch (error) {
    throw fromSystem(error, path);
  }
}
