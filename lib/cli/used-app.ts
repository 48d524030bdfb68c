import { existsSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { AddonsError, fromSystem, systemCode } from '../errors.ts';
import { isAppName, variablePrefix } from '../names.ts';
import { describePlatform, type PlatformPaths } from '../platform.ts';
import { readRegularFile, replaceFile } from '../state/atomic-file.ts';

/** The app that commands mean where none is named, and who says so: `X_APP_NAME` or `addons use`. */
export interface UsedApp {
  app: string;
  from: string;
}

/** Where the used app may be said: per user, and per directory of apps. */
export interface UsedAppPlace {
  /** The environment variable that stands above what was remembered. */
  variable: string;
  fromVariable: string | undefined;
  appsRoot: string;
  /** Undefined where the user has no home directory: nothing is remembered then. */
  file: string | undefined;
}

export const REMEMBERED = 'addons use';

export function usedAppPlace(env: Record<string, string | undefined>, paths: PlatformPaths): UsedAppPlace {
  const { name, appsRoot } = describePlatform(paths);
  const variable = `${variablePrefix(name)}_APP_NAME`;
  return { variable, fromVariable: env[variable] || undefined, appsRoot, file: fileOf(env) };
}

/** @param warn told of a file that cannot be understood: it counts as none */
export function usedApp(place: UsedAppPlace, warn: (message: string) => void): UsedApp | undefined {
  if (place.fromVariable !== undefined) return { app: place.fromVariable, from: place.variable };
  const app = rememberedApp(place, warn);
  return app === undefined ? undefined : { app, from: REMEMBERED };
}

export function rememberedApp({ file, appsRoot }: UsedAppPlace, warn: (message: string) => void): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readApps(file).get(appsRoot);
  } catch (error) {
    if (error instanceof AddonsError) warn(`${error.message} No app is used. ${error.hint ?? ''}`.trimEnd());
    else warn(`${file} cannot be understood. No app is used; the next "addons use APP" replaces it.`);
    return undefined;
  }
}

/**
 * Remembers the app, or forgets it. A file that cannot be understood is replaced.
 *
 * @throws {AddonsError} `usage` without a home directory; `permission`, `disk-full` …
 */
export async function rememberApp({ file, appsRoot }: UsedAppPlace, app: string | undefined): Promise<void> {
  if (file === undefined) {
    throw new AddonsError('usage', 'There is no place to remember an app: HOME is not set.', {
      hint: 'Set HOME, or XDG_CONFIG_HOME.',
    });
  }
  const { nodeDisk } = await import('../state/disk.ts');
  const { isRoot } = await import('../state/directory.ts');
  // With sudo, HOME may be another user's, who is to read it.
  const owner = isRoot() ? ownerOfNearest(dirname(file)) : undefined;
  await makeDirectories(dirname(file));
  const apps = readableApps(file);
  if (app === undefined) apps.delete(appsRoot);
  else apps.set(appsRoot, app);
  const text = `${JSON.stringify(Object.fromEntries([...apps].sort()), undefined, 2)}\n`;
  await replaceFile(nodeDisk, file, text, readRegularFile(file), owner);

  async function makeDirectories(directory: string): Promise<void> {
    if (existsSync(directory)) return;
    await makeDirectories(dirname(directory));
    try {
      await nodeDisk.makeDirectory(directory, owner);
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw fromSystem(error, directory);
    }
  }
}

/** As the XDG base directory specification has it: a relative path there counts as none. */
function fileOf({ XDG_CONFIG_HOME: config, HOME: home }: Record<string, string | undefined>): string | undefined {
  if (config && isAbsolute(config)) return join(config, 'addons', 'used-apps.json');
  return home && isAbsolute(home) ? join(home, '.config', 'addons', 'used-apps.json') : undefined;
}

/** `{ "/home/x": "shop" }` @throws for a file that holds something else */
function readApps(file: string): Map<string, string> {
  const apps = new Map<string, string>();
  for (const [root, app] of Object.entries(JSON.parse(textOf(file)))) {
    if (typeof app !== 'string' || !isAppName(app)) throw new TypeError('not the name of an app');
    apps.set(root, app);
  }
  return apps;
}

function readableApps(file: string): Map<string, string> {
  try {
    return readApps(file);
  } catch {
    return new Map();
  }
}

function textOf(file: string): string {
  try {
    const { bytes, identity } = readRegularFile(file);
    return identity === undefined ? '{}' : bytes.toString();
  } catch (error) {
    if (error instanceof AddonsError && systemCode(error.cause) === 'ENOTDIR') return '{}';
    throw error;
  }
}

function ownerOfNearest(directory: string): { uid: number; gid: number } {
  const { uid, gid } = statSync(existing(directory));
  return { uid, gid };
}

const existing = (path: string): string => (existsSync(path) ? path : existing(dirname(path)));
