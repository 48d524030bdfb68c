import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import { checkProfileName } from './names.ts';
import { type Context, callContext } from './operations/context.ts';
import type { Addons, CallOptions } from './operations/results.ts';
import { describePlatform, type Platform, type PlatformPaths } from './platform.ts';
import { SCRIPT_PATH, type Surroundings } from './scripts/environment.ts';
import { commandLine, ownProgram } from './services/own-program.ts';
import type { ConfigVarSink } from './state/config-var-sink.ts';
import { type Disk, nodeDisk } from './state/disk.ts';
import { openStore } from './state/store.ts';

export interface PlatformOptions extends PlatformPaths, UseSettings {}

/** What a platform is used with. */
interface UseSettings {
  /**
   * The environment that scripts may take `DOCKER_*`, `*_PROXY`, `TZ` and what `pass_env` names from.
   * Default: none. The library itself reads no environment.
   */
  environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** `PATH` of every script. */
  scriptPath?: string | undefined;
  /** The profile in force, instead of what `/etc/x/profile` names. */
  profile?: string | undefined;
  /** A directory in which external processors are looked for, beside that of the operator: where the command lies, for example. */
  beside?: string | undefined;
  /** Seconds that calls wait for other processes, default 30. */
  wait?: number | undefined;
  /**
   * The words that start the command line, absolute paths, for the cron jobs of add-ons. Default: this Node and the CLI of this
   * package. False: nothing is put in a crontab.
   */
  program?: readonly string[] | false | undefined;
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
  const { environment, scriptPath, profile, beside, wait, program, disk, ...paths } = options;
  const platform = describePlatform({ shipped: shippedAddons(), ...paths });
  return verbsOn(platform, { environment, scriptPath, profile, beside, wait, program, disk });
}

/**
 * The verbs on a platform whose paths somebody else has decided.
 *
 * @param configVars default: the file `ENV` of each app
 * @internal
 */
export function verbsOn(platform: Platform, settings: UseSettings, configVars?: ConfigVarSink): Addons {
  const { environment = {}, scriptPath = SCRIPT_PATH, profile, beside, wait = 30, program, disk = nodeDisk } = settings;
  if (profile !== undefined) checkProfileName(profile);
  const scripts: Surroundings = {
    outside: environment,
    scriptPath,
    home: homeDirectory(),
    profile,
    command: () => commandLine(program || ownProgram(), platform.variables),
    serve: serveModule(),
    beside,
    program,
  };
  const context = (options?: CallOptions) => callContext(openStore(platform, disk, configVars), scripts, wait, options);
  /** What the scripts of a call did is processed when it is over, however it ends. */
  const during = async <T>(options: CallOptions | undefined, work: (context: Context) => Promise<T>): Promise<T> => {
    const ours = context(options);
    try {
      return await work(ours);
    } finally {
      await ours.executions.end();
    }
  };
  async function* streaming<T>(
    options: CallOptions | undefined,
    work: (context: Context) => Promise<AsyncIterable<T>>,
  ) {
    const ours = context(options);
    try {
      yield* await work(ours);
    } finally {
      await ours.executions.end();
    }
  }
  return {
    platform,
    apps: async () => (await import('./state/apps.ts')).appNames(platform),
    addons: async (options) => (await import('./operations/info.ts')).addons(context(options)),
    list: async (app, options) => (await import('./operations/list.ts')).list(context(options), app),
    async *listAll(options) {
      yield* (await import('./operations/list.ts')).listAll(context(options));
    },
    install: (source, options) =>
      during(options, async (ours) => (await import('./operations/install.ts')).install(ours, source, options)),
    uninstall: (addon, options) =>
      during(options, async (ours) =>
        (await import('./operations/uninstall.ts')).uninstall(ours, addon, options?.clean),
      ),
    sync: (options) => streaming(options, async (ours) => (await import('./operations/sync.ts')).sync(ours)),
    swap: (source, options) =>
      during(options, async (ours) => (await import('./operations/swap.ts')).swap(ours, source, options?.as)),
    develop: (directory, options) =>
      during(options, async (ours) => (await import('./operations/develop.ts')).develop(ours, directory, options?.as)),
    watch: (directory, options) =>
      streaming(options, async (ours) => (await import('./operations/watch.ts')).watch(ours, directory)),
    build: (directory, options) =>
      during(options, async (ours) => (await import('./operations/build.ts')).build(ours, directory)),
    clean: async (directory, options) =>
      (await import('./operations/build.ts')).clean(context(options), directory, options?.deps),
    pack: (directory, options) =>
      during(options, async (ours) => (await import('./operations/pack.ts')).pack(ours, directory, options)),
    repack: (addon, options) =>
      during(options, async (ours) => (await import('./operations/repack.ts')).repack(ours, addon, options)),
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
    enable: (addon, options) =>
      during(options, async (ours) => (await import('./operations/enable.ts')).enable(ours, addon, options?.again)),
    disable: (addon, options) =>
      during(options, async (ours) => (await import('./operations/disable.ts')).disable(ours, addon, options?.force)),
    add: (app, addon, options) =>
      during(options, async (ours) => (await import('./operations/add.ts')).add(ours, app, addon, options?.env)),
    remove: (app, addon, options) =>
      during(options, async (ours) => (await import('./operations/remove.ts')).remove(ours, app, addon, options)),
    rotate: (app, addon, options) =>
      during(options, async (ours) => (await import('./operations/rotate.ts')).rotate(ours, app, addon)),
    adopt: (app, addon, resource, options) =>
      during(options, async (ours) =>
        (await import('./operations/adopt.ts')).adopt(ours, app, addon, resource, options),
      ),
    rename: (app, to, options) =>
      during(options, async (ours) => (await import('./operations/rename.ts')).rename(ours, app, to)),
    clone: (app, to, options) =>
      during(options, async (ours) => (await import('./operations/clone.ts')).clone(ours, app, to, options?.withData)),
    trash: async (options) => (await import('./operations/trash.ts')).trash(context(options)),
    emptyTrash: (options) =>
      streaming(options, async (ours) => (await import('./operations/empty-trash.ts')).emptyTrash(ours, options)),
    undo: (app, addon, options) =>
      during(options, async (ours) => (await import('./operations/undo.ts')).undo(ours, app, addon)),
    delete: (app, options) =>
      during(options, async (ours) => (await import('./operations/delete.ts')).deleteApp(ours, app)),
    url: (app, addon, options) =>
      during(options, async (ours) => (await import('./operations/url.ts')).url(ours, app, addon)),
    release: (app, options) =>
      during(options, async (ours) => (await import('./operations/release.ts')).release(ours, app)),
    releaseAll: (options) =>
      streaming(options, async (ours) => (await import('./operations/release-all.ts')).releaseAll(ours)),
    env: async (app) => (await import('./operations/env.ts')).env(context(), app),
    info: async (addon) => (await import('./operations/info.ts')).info(context(), addon),
    check: (options) =>
      during(options, async (ours) => (await import('./operations/check.ts')).check(ours, options?.fix)),
    status: (app, options) =>
      during(options, async (ours) => (await import('./operations/status.ts')).status(ours, app, options?.health)),
    inspect: async (operation) => (await import('./operations/inspect.ts')).inspect(context(), operation),
    resolve: (operation, how, options) =>
      during(options, async (ours) => (await import('./operations/resolve.ts')).resolve(ours, operation, how)),
    plan: async (manifest, options) => (await import('./operations/plan.ts')).plan(context(options), manifest),
    apply: (changes, options) =>
      streaming(options, async (ours) =>
        (await import('./operations/apply.ts')).apply(ours, changes, options?.keepFor),
      ),
    export: async (apps) => (await import('./operations/export.ts')).exportManifest(context(), apps),
    async *log(about, options) {
      yield* (await import('./operations/log.ts')).log(context(options), about, options);
    },
    executions: async (about) => (await import('./operations/executions.ts')).executions(context(), about),
    processors: async () => (await import('./operations/processors.ts')).processors(context()),
    dump: (app, addon, to, options) =>
      during(options, async (ours) => (await import('./operations/dump.ts')).dump(ours, app, addon, to)),
    restore: (app, addon, from, options) =>
      during(options, async (ours) => (await import('./operations/restore.ts')).restore(ours, app, addon, from)),
    tendDaemons: (addon, options) =>
      during(options, async (ours) => (await import('./operations/keep-daemons.ts')).keepDaemons(ours, addon, 'keep')),
    cron: async (addon) => (await import('./operations/cron.ts')).cron(context(), addon),
    runJob: async (addon, job, options) =>
      (await import('./operations/run-job.ts')).runJob(context(options), addon, job),
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

/** Beside the bundle, too: programs of others load it, wherever this package lies. */
export const serveModule = (): string | undefined => firstThere(['./serve.js', '../dist/serve.js']);

/**
 * Beside the bundle (`dist/../addons`), or beside the sources.
 *
 * @internal
 */
export const shippedAddons = (): string | undefined => firstThere(['../addons', '../../addons']);

const firstThere = (relatives: readonly string[]): string | undefined =>
  relatives.map((relative) => fileURLToPath(new URL(relative, import.meta.url))).find((path) => existsSync(path));
