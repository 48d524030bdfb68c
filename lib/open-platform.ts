import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import { callContext } from './operations/context.ts';
import type { Addons, CallOptions } from './operations/results.ts';
import { describePlatform, type PlatformPaths } from './platform.ts';
import { SCRIPT_PATH, type Surroundings } from './scripts/environment.ts';
import { type Disk, nodeDisk } from './state/disk.ts';
import { openStore } from './state/store.ts';

export interface PlatformOptions extends PlatformPaths {
  /**
   * The environment that scripts may take `DOCKER_*`, `*_PROXY`, `TZ` and what `pass_env` names from.
   * Default: none. The library itself reads no environment.
   */
  environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** `PATH` of every script. */
  scriptPath?: string | undefined;
  /** Seconds that calls wait for other processes, default 30. */
  wait?: number | undefined;
  /** @internal The disk that state is written to. */
  disk?: Disk | undefined;
}

/**
 * The add-ons of one platform, as functions. Opening reads and writes nothing.
 *
 * @throws {AddonsError} `usage` for a bad platform name
 * @example
 * const platform = openPlatform({ name: 'x', home: '/tmp/try' });
 * await platform.enable('db');
 * await platform.add('shop', 'db');
 * await platform.release('shop');
 */
export function openPlatform(options: PlatformOptions = {}): Addons {
  // Taken apart here: a signature would carry the internal names into the published types.
  const { environment = {}, scriptPath = SCRIPT_PATH, wait = 30, disk = nodeDisk, ...paths } = options;
  const platform = describePlatform({ shipped: shippedAddons(), ...paths });
  const scripts: Surroundings = { outside: environment, scriptPath, home: homeDirectory() };
  const context = (options?: CallOptions) => callContext(openStore(platform, disk), scripts, wait, options);
  return {
    platform,
    apps: async () => (await import('./state/apps.ts')).appNames(platform),
    addons: async (options) => (await import('./operations/info.ts')).addons(context(options)),
    list: async (app, options) => (await import('./operations/list.ts')).list(context(options), app),
    async *listAll(options) {
      yield* (await import('./operations/list.ts')).listAll(context(options));
    },
    install: async (source, options) =>
      (await import('./operations/install.ts')).install(context(options), source, options?.as),
    uninstall: async (addon, options) => (await import('./operations/uninstall.ts')).uninstall(context(options), addon),
    enable: async (addon, options) =>
      (await import('./operations/enable.ts')).enable(context(options), addon, options?.again),
    disable: async (addon, options) =>
      (await import('./operations/disable.ts')).disable(context(options), addon, options?.force),
    add: async (app, addon, options) =>
      (await import('./operations/add.ts')).add(context(options), app, addon, options?.env),
    remove: async (app, addon, options) =>
      (await import('./operations/remove.ts')).remove(context(options), app, addon, options),
    rotate: async (app, addon, options) =>
      (await import('./operations/rotate.ts')).rotate(context(options), app, addon),
    adopt: async (app, addon, resource, options) =>
      (await import('./operations/adopt.ts')).adopt(context(options), app, addon, resource, options),
    rename: async (app, to, options) => (await import('./operations/rename.ts')).rename(context(options), app, to),
    clone: async (app, to, options) =>
      (await import('./operations/clone.ts')).clone(context(options), app, to, options?.withData),
    trash: async (options) => (await import('./operations/trash.ts')).trash(context(options)),
    async *emptyTrash(options) {
      yield* (await import('./operations/empty-trash.ts')).emptyTrash(context(options), options);
    },
    undo: async (app, addon, options) => (await import('./operations/undo.ts')).undo(context(options), app, addon),
    delete: async (app, options) => (await import('./operations/delete.ts')).deleteApp(context(options), app),
    url: async (app, addon, options) => (await import('./operations/url.ts')).url(context(options), app, addon),
    release: async (app, options) => (await import('./operations/release.ts')).release(context(options), app),
    async *releaseAll(options) {
      yield* (await import('./operations/release-all.ts')).releaseAll(context(options));
    },
    env: async (app) => (await import('./operations/env.ts')).env(context(), app),
    info: async (addon) => (await import('./operations/info.ts')).info(context(), addon),
    check: async (options) => (await import('./operations/check.ts')).check(context(options), options?.fix),
    status: async (app, options) =>
      (await import('./operations/status.ts')).status(context(options), app, options?.health),
    inspect: async (operation) => (await import('./operations/inspect.ts')).inspect(context(), operation),
    resolve: async (operation, how, options) =>
      (await import('./operations/resolve.ts')).resolve(context(options), operation, how),
    plan: async (manifest, options) => (await import('./operations/plan.ts')).plan(context(options), manifest),
    async *apply(changes, options) {
      yield* (await import('./operations/apply.ts')).apply(context(options), changes, options?.keepFor);
    },
    export: async (apps) => (await import('./operations/export.ts')).exportManifest(context(), apps),
    async *log(about, options) {
      yield* (await import('./operations/log.ts')).log(context(options), about, options);
    },
    dump: async (app, addon, to, options) =>
      (await import('./operations/dump.ts')).dump(context(options), app, addon, to),
    restore: async (app, addon, from, options) =>
      (await import('./operations/restore.ts')).restore(context(options), app, addon, from),
    unlock: async (key, options) => (await import('./operations/unlock.ts')).unlock(context(options), key),
  };
}

/** `HOME` of every script: from the system's list of users, which no variable can bend. */
export function homeDirectory(): string {
  try {
    return userInfo().homedir;
  } catch {
    return '/'; // a user id without an entry in passwd
  }
}

/** Beside the bundle (`dist/../addons`), or beside the sources. */
function shippedAddons(): string | undefined {
  return ['../addons', '../../addons']
    .map((relative) => fileURLToPath(new URL(relative, import.meta.url)))
    .find((path) => existsSync(path));
}
