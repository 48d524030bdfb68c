import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import { checkProfileName } from './names.ts';
import { callContext, type ScriptSettings } from './operations/context.ts';
import type { Addons, CallOptions } from './operations/results.ts';
import { describePlatform, type Platform, type PlatformPaths } from './platform.ts';
import { SCRIPT_PATH } from './scripts/environment.ts';
import type { ConfigVarSink } from './state/config-var-sink.ts';
import { type Disk, nodeDisk } from './state/disk.ts';
import { openStore } from './state/store.ts';

export interface PlatformOptions extends PlatformPaths, Surroundings {}

/** What a platform is used with. */
interface Surroundings {
  /**
   * The environment that scripts may take `DOCKER_*`, `*_PROXY`, `TZ` and what `pass_env` names from.
   * Default: none. The library itself reads no environment.
   */
  environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** `PATH` of every script. */
  scriptPath?: string | undefined;
  /** The profile in force, instead of what `/etc/x/profile` names. */
  profile?: string | undefined;
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
  const { environment, scriptPath, profile, wait, disk, ...paths } = options;
  const platform = describePlatform({ shipped: shippedAddons(), ...paths });
  return verbsOn(platform, { environment, scriptPath, profile, wait, disk });
}

/**
 * The verbs on a platform whose paths somebody else has decided.
 *
 * @param configVars default: the file `ENV` of each app
 * @internal
 */
export function verbsOn(platform: Platform, around: Surroundings, configVars?: ConfigVarSink): Addons {
  const { environment = {}, scriptPath = SCRIPT_PATH, profile, wait = 30, disk = nodeDisk } = around;
  if (profile !== undefined) checkProfileName(profile);
  const scripts: ScriptSettings = { outside: environment, scriptPath, home: homeDirectory(), profile };
  const context = (options?: CallOptions) => callContext(openStore(platform, disk, configVars), scripts, wait, options);
  return {
    platform,
    apps: async () => (await import('./state/apps.ts')).appNames(platform),
    addons: async (options) => (await import('./operations/info.ts')).addons(context(options)),
    list: async (app, options) => (await import('./operations/list.ts')).list(context(options), app),
    async *listAll(options) {
      yield* (await import('./operations/list.ts')).listAll(context(options));
    },
    install: async (source, options) =>
      (await import('./operations/install.ts')).install(context(options), source, options),
    uninstall: async (addon, options) =>
      (await import('./operations/uninstall.ts')).uninstall(context(options), addon, options?.clean),
    async *sync(options) {
      yield* (await import('./operations/sync.ts')).sync(context(options));
    },
    swap: async (source, options) => (await import('./operations/swap.ts')).swap(context(options), source, options?.as),
    develop: async (directory, options) =>
      (await import('./operations/develop.ts')).develop(context(options), directory, options?.as),
    async *watch(directory, options) {
      yield* (await import('./operations/watch.ts')).watch(context(options), directory);
    },
    build: async (directory, options) => (await import('./operations/build.ts')).build(context(options), directory),
    clean: async (directory, options) =>
      (await import('./operations/build.ts')).clean(context(options), directory, options?.deps),
    pack: async (directory, options) =>
      (await import('./operations/pack.ts')).pack(context(options), directory, options),
    repack: async (addon, options) => (await import('./operations/repack.ts')).repack(context(options), addon, options),
    config: async (addon) => (await import('./operations/config.ts')).config(context(), addon),
    configText: async (addon) => (await import('./operations/config.ts')).configText(context(), addon),
    configure: async (addon, text, seen, options) =>
      (await import('./operations/config.ts')).configure(context(options), addon, text, seen),
    environment: async (addon, options) =>
      (await import('./operations/environment.ts')).environment(context(options), addon),
    packageInfo: async (file) => (await import('./operations/info.ts')).packageInfo(file),
    daemons: async (addon, options) => (await import('./operations/daemons.ts')).daemons(context(options), addon),
    controlDaemons: async (addon, what, options) =>
      (await import('./operations/daemons.ts')).controlDaemons(context(options), addon, what),
    async *logs(addon, options) {
      yield* (await import('./operations/logs.ts')).logs(context(options), addon, options);
    },
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

/**
 * Beside the bundle (`dist/../addons`), or beside the sources.
 *
 * @internal
 */
export function shippedAddons(): string | undefined {
  return ['../addons', '../../addons']
    .map((relative) => fileURLToPath(new URL(relative, import.meta.url)))
    .find((path) => existsSync(path));
}
