import { readdirSync, statSync } from 'node:fs';
import { AddonsError, fromSystem, systemCode } from '../errors.ts';
import { checkAppName, isAppName, suggestion } from '../names.ts';
import type { Platform } from '../platform.ts';
import { isRoot, type Owner } from './directory.ts';

/** An app's directory. `key` says which directory, whatever its name becomes: device, inode and birth time. */
export interface App {
  name: string;
  dir: string;
  key: string;
  owner: { uid: number; gid: number };
}

/** @throws {AddonsError} `usage` for a bad name, `app-not-found` with the nearest one */
export function findApp(platform: Platform, name: string): App {
  checkAppName(name);
  const app = lookUp(platform, name);
  if (app) return app;
  throw new AddonsError(
    'app-not-found',
    `There is no app "${name}" in ${platform.appsRoot}.${suggestion(name, appNames(platform))}`,
    {
      hint: 'List the apps with "addons list".',
      details: { app: name },
    },
  );
}

/** Whether there is a directory of that name. */
export const appExists = (platform: Platform, name: string): boolean => lookUp(platform, name) !== undefined;

/** The directory of that key under its old name or another; undefined when it is gone. */
export function followApp(platform: Platform, { name, key }: { name: string; key: string }): App | undefined {
  const same = lookUp(platform, name);
  if (same?.key === key) return same;
  return allApps(platform).find((app) => app.key === key);
}

/** Names of all apps, sorted. A platform that has no directory yet has none. */
export function appNames(platform: Platform): string[] {
  try {
    return readdirSync(platform.appsRoot, { withFileTypes: true })
      .filter(
        (entry) =>
          isAppName(entry.name) && (entry.isDirectory() || (entry.isSymbolicLink() && lookUp(platform, entry.name))),
      )
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fromSystem(error, platform.appsRoot);
  }
}

/** All apps, in the order of their names. One that vanishes meanwhile is left out. */
export const allApps = (platform: Platform): App[] =>
  appNames(platform)
    .map((name) => lookUp(platform, name))
    .filter((app) => app !== undefined);

/**
 * Reads something of every app. One that is renamed meanwhile could be missed under both of its names: then all are read again.
 */
export function readApps<T>(platform: Platform, read: (app: App) => T): T[] {
  for (let attempt = 1; ; attempt++) {
    const before = appNames(platform);
    const found = allApps(platform).map(read);
    const after = appNames(platform);
    const same = before.length === after.length && before.every((name, at) => name === after[at]);
    if (same || attempt === READ_AT_MOST) return found;
  }
}

/** Somebody who creates apps all the time must not keep others from their work. */
const READ_AT_MOST = 20;

export const appOwner = (app: App): Owner => (isRoot() ? app.owner : undefined);

function lookUp(platform: Platform, name: string): App | undefined {
  const dir = platform.appDir(name);
  try {
    const stat = statSync(dir, { bigint: true, throwIfNoEntry: false });
    if (!stat?.isDirectory()) return undefined;
    const key = `${stat.dev}-${stat.ino}-${stat.birthtimeNs}`;
    return { name, dir, key, owner: { uid: Number(stat.uid), gid: Number(stat.gid) } };
  } catch (error) {
    if (systemCode(error) === 'ENOTDIR') return undefined;
    throw fromSystem(error, dir);
  }
}
