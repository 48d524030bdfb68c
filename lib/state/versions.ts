import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fromSystem, systemCode } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { processExists, temporaryPath } from './atomic-file.ts';
import { nonce } from './nonce.ts';
import type { Store } from './store.ts';

// An add-on's place is a link to one of these directories: a link can be replaced in one step, a directory cannot.

/** Where a new version is to lie: `versions/db@4711.0123456789ab`. */
export const newVersion = ({ versions }: Platform, name: string): string =>
  join(versions, `${name}@${process.pid}.${nonce()}`);

/** What lies at an add-on's place. `developed`: a link to a directory of somebody's own; `broken`: one that leads nowhere. */
export type Place = 'nothing' | 'directory' | 'version' | 'developed' | 'broken';

export function placeOf(platform: Platform, name: string): Place {
  const root = platform.addonRoot(name);
  const found = lstatSync(root, { throwIfNoEntry: false });
  if (found === undefined) return 'nothing';
  if (!found.isSymbolicLink()) return 'directory';
  if (!existsSync(root)) return 'broken';
  return versionOf(platform, root) === undefined ? 'developed' : 'version';
}

/** The directory that the add-on's place is a link to, of a version. */
export function versionOf({ versions }: Platform, place: string): string | undefined {
  try {
    const target = realpathSync.native(place);
    return dirname(target) === realpathSync.native(versions) ? target : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes the add-on's place a link to this directory, durably and in one step: whoever looks finds what was there before or
 * this. Call it under the add-on's lock, and not where the place is a directory.
 */
export async function link({ platform, disk }: Store, name: string, directory: string): Promise<void> {
  const { addonsRoot, versions } = platform;
  const place = platform.addonRoot(name);
  const building = temporaryPath(place);
  // All of lib root may be moved; a developer's directory stays where it is.
  const isVersion = dirname(directory) === versions;
  const to = isVersion ? relative(realpathSync.native(addonsRoot), realpathSync.native(directory)) : directory;
  await disk.symlink(to, building);
  try {
    await disk.rename(building, place);
  } catch (error) {
    await disk.unlink(building).catch(() => {}); // the first error says more
    throw fromSystem(error, place);
  }
  await disk.sync(addonsRoot);
}

/**
 * Puts a version in force, durably. The one before is remembered, and stays until it is not the last one any more: who looked
 * it up a moment ago may still run its scripts. Call it as `link`.
 */
export async function putInForce(store: Store, name: string, version: string): Promise<void> {
  const { platform, disk } = store;
  const before = versionOf(platform, platform.addonRoot(name));
  const earlier = versionOf(platform, beforeOf(platform, name));
  if (before !== undefined) {
    const building = temporaryPath(beforeOf(platform, name));
    await disk.symlink(basename(before), building);
    await disk.rename(building, beforeOf(platform, name));
  }
  await link(store, name, version);
  if (earlier !== undefined && earlier !== before) await dropVersion(store, earlier);
}

/** Removes the versions of an add-on that is not in its place any more. */
export async function dropVersions(store: Store, name: string, last: string | undefined): Promise<void> {
  const before = beforeOf(store.platform, name);
  const earlier = versionOf(store.platform, before);
  await store.disk.unlink(before);
  for (const version of [last, earlier]) if (version !== undefined) await dropVersion(store, version);
}

/** One that a process still works with stays until a sweep. */
export async function dropVersion({ disk }: Store, version: string): Promise<void> {
  if (!isInUse(version)) await disk.removeTree(version);
}

/** What is neither in force nor the version before, whose maker is dead, and that no process works with. */
export function leftVersions(platform: Platform): string[] {
  const { versions } = platform;
  const names = namesIn(platform.addonsRoot).filter((name) => placeOf(platform, name) === 'version');
  const inForce = new Set(
    names.flatMap((name) =>
      [platform.addonRoot(name), beforeOf(platform, name)].map((path) => versionOf(platform, path)),
    ),
  );
  return namesIn(versions).flatMap((name) => {
    const maker = /^(?:\..+\.(\d+)\.[0-9a-f]{12}\.tmp|.+@(\d+)\.[0-9a-f]{12})$/.exec(name);
    const path = join(versions, name);
    if (maker === null || processExists(Number(maker[1] ?? maker[2]))) return [];
    // A link on its way to say what was in force before: what it leads to is not it.
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return [path];
    const version = versionOf(platform, path) ?? path;
    return inForce.has(version) || isInUse(version) ? [] : [path];
  });
}

/** A link to the version that was in force before. */
const beforeOf = ({ versions }: Platform, name: string): string => join(versions, `.${name}.before`);

/** Whether a process works there, or was started as the add-on's: a script goes on with the version that it began with. */
function isInUse(version: string): boolean {
  return namesIn('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
        return environment.includes(`ADDON_ROOT=${version}`) || readlinkSync(`/proc/${pid}/cwd`) === version;
      } catch {
        return false; // ended since, or another user's
      }
    });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fromSystem(error, directory);
  }
}
