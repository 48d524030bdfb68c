import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fromSystem, systemCode } from '../errors.ts';
import type { Platform } from '../platform.ts';
import type { ConfigVarSink } from './config-var-sink.ts';
import { createDirectory, isRoot, type Owner } from './directory.ts';
import { type Disk, namingErrors } from './disk.ts';
import { envFileSink } from './env-file-sink.ts';

/** Where the state of one platform lies and how it is written: what everything in this folder works on. */
export interface Store {
  platform: Platform;
  disk: Disk;
  /** Where config vars are read and written. */
  configVars: ConfigVarSink;
  /** What journal, locks and the like are given, so that a run as root does not lock the platform's own user out. */
  libOwner: Owner;
}

/** `configVars`: default is the file `ENV` of each app. */
export function openStore(platform: Platform, disk: Disk, configVars?: ConfigVarSink): Store {
  const naming = namingErrors(disk);
  return {
    platform,
    disk: naming,
    configVars: configVars ?? envFileSink(naming),
    libOwner: ownerIfRoot(dirname(platform.journal)),
  };
}

/** Makes the directories that every change needs. Safe to call again and beside others. */
export function prepareStore(store: Store): void {
  const { libRoot, addonsRoot, versions, config, journal, locks, stamps, trash, log, executions, outputs } =
    store.platform;
  makeRoot(libRoot);
  makeRoot(dirname(journal)); // on some platforms elsewhere
  store.libOwner ??= ownerIfRoot(dirname(journal));
  for (const path of [addonsRoot, versions, config]) makeDirectory(path, 0o755, store.libOwner);
  for (const path of [journal, locks, stamps, trash, log, executions, outputs])
    makeDirectory(path, 0o700, store.libOwner);
}

/** `$ADDON_DATA`, which exists before any script runs. */
export function prepareAddonData({ platform }: Store, addon: string): void {
  makeRoot(platform.appsRoot);
  const owner = ownerIfRoot(platform.appsRoot);
  makeDirectory(join(platform.addonData(addon), '..'), 0o755, owner);
  makeDirectory(platform.addonData(addon), 0o755, owner);
}

function makeDirectory(path: string, mode: number, owner: Owner) {
  try {
    createDirectory(path, mode, owner);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw fromSystem(error, path);
  }
}

function makeRoot(path: string) {
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 });
  } catch (error) {
    throw fromSystem(error, path);
  }
}

function ownerIfRoot(path: string): Owner {
  if (!isRoot()) return undefined;
  const stat = statSync(path, { throwIfNoEntry: false });
  // Root's own needs no giving away.
  return stat && stat.uid + stat.gid > 0 ? { uid: stat.uid, gid: stat.gid } : undefined;
}
