import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fromSystem, systemCode } from '../errors.ts';
import { checkAppName } from '../names.ts';
import type { Platform } from '../platform.ts';
import { appNames } from '../state/apps.ts';
import { createDirectory, isRoot } from '../state/directory.ts';

// Dokku's apps have no directory of ours until they are first spoken of. A file in it says that Dokku destroyed the app: what
// is left of its resources must never become those of a new app of that name.

/** The directory for an app that Dokku knows. Safe to call again and beside others. */
export function makeAppDirectory({ appsRoot, appDir }: Platform, app: string): void {
  const path = appDir(checkAppName(app));
  try {
    mkdirSync(appsRoot, { recursive: true, mode: 0o755 });
    const { uid, gid } = statSync(appsRoot); // also when root runs a trigger by hand
    createDirectory(path, 0o700, isRoot() ? { uid, gid } : undefined);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw fromSystem(error, path);
  }
}

/** Removes it once nothing is left that a resource could be found by. */
export function removeAppDirectory({ appDir }: Platform, app: string): void {
  rmSync(appDir(checkAppName(app)), { recursive: true, force: true });
}

export const destroyedMark = ({ appDir }: Platform, app: string): string => join(appDir(app), DESTROYED);

export const isDestroyed = (platform: Platform, app: string): boolean => existsSync(destroyedMark(platform, app));

/** Apps that Dokku destroyed and that still have resources. */
export const destroyedApps = (platform: Platform): string[] =>
  appNames(platform).filter((app) => isDestroyed(platform, app));

const DESTROYED = '.destroyed';
