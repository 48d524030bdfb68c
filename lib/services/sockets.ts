import { existsSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { temporaryPath } from '../state/atomic-file.ts';
import { createDirectory } from '../state/directory.ts';
import type { Store } from '../state/store.ts';
import { SETS, type SetName } from './unit.ts';

// A daemon binds its socket in the directory of its set. Clients come through a link, which leads to those of the set in force.

/** Where the daemons of a set put their sockets; it exists then. */
export function socketsOf({ platform }: Store, addon: string, set: SetName): string {
  const directory = platform.sockets(addon, set);
  if (!existsSync(directory)) createDirectory(directory, 0o755, undefined);
  return directory;
}

/** Clients reach this set from now on; in one step. */
export async function showSockets({ platform, disk }: Store, addon: string, set: SetName): Promise<void> {
  const link = platform.sockets(addon);
  const to = basename(platform.sockets(addon, set));
  if (shown(link) === to) return;
  const building = temporaryPath(link);
  await disk.symlink(to, building);
  await disk.rename(building, link);
}

export async function removeSockets({ platform, disk }: Store, addon: string, sets: readonly SetName[]): Promise<void> {
  for (const set of sets) await disk.removeTree(platform.sockets(addon, set));
  if (SETS.every((set) => sets.includes(set))) await disk.unlink(platform.sockets(addon));
}

function shown(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}
