import { setMaxListeners } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Resource } from '../app/addons-file.ts';
import { AddonsError, fromSystem } from '../errors.ts';
import { homeDirectory, openPlatform, serveModule } from '../open-platform.ts';
import type { Addons } from '../operations/results.ts';
import { type Addon, loadAddon, readDescriptor } from '../scripts/addon.ts';
import { SCRIPT_PATH } from '../scripts/environment.ts';
import { commandLine, ownProgram } from '../services/own-program.ts';
import { type Disk, nodeDisk } from '../state/disk.ts';
import { openStore, prepareAddonData, prepareStore, type Store } from '../state/store.ts';
import { overridesToml } from './configure.ts';
import type { TestOptions } from './results.ts';

/** What provision allocated, and for which app. */
export interface Made extends Omit<Resource, 'addon'> {
  app: string;
}

/** An add-on on a platform of its own, and all that was seen of it so far. */
export interface Trial {
  /** The add-on's. */
  name: string;
  /** The directory that is tested. */
  source: string;
  /** All of the platform lies below it; nothing else is touched. */
  home: string;
  /** Output files of scripts that run. */
  scratch: string;
  store: Store;
  /** Not before the check `installable` has passed. */
  addon: Addon;
  /** The same platform through the library. */
  addons: Addons;
  options: TestOptions;
  environment: Readonly<Record<string, string | undefined>>;
  scriptPath: string;
  signal: AbortSignal | undefined;
  /** Says what is being waited for. */
  tell: (message: string) => void;
  /** Checks that ended, for those that come after. */
  passed: Set<string>;
  failed: Set<string>;
  /** Resources that exist, by id. */
  made: Map<string, Made>;
  /** Every id that was ever given out. */
  ids: Set<string>;
  /** Whether enable ran, and disable not since. */
  enabled: boolean;
  /** Privates and passwords of URLs: nothing that people read may hold them. */
  secrets: Set<string>;
  /** What each script wrote for people. */
  written: { script: string; text: string }[];
  /** Scripts whose group still had processes when they had ended. */
  outlived: Set<string>;
  /** Arguments of the processes that were seen while provision and rotate ran. */
  seenArguments: { script: string; words: string[] }[];
  /** Milliseconds that each successful provision took. */
  durations: number[];
  /** What the add-on's own directory held when it was installed. */
  rootBefore: Map<string, string>;
  /** The mask of file modes that scripts run under: the most careless one, so that nothing but their own care helps. */
  umask: string;
}

/**
 * A platform below a new temporary home; the add-on is not installed yet.
 *
 * @throws {AddonsError} `usage` for `config` that the add-on does not take; `disk-full`, `permission`, `io`
 */
export function openTrial(source: string, name: string, options: TestOptions): Trial {
  const overrides = options.config && overridesToml(readDescriptor(source), options.config);
  const home = makeHome(options.temporary ?? tmpdir());
  try {
    return furnish(home, source, name, overrides, options);
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw fromSystem(error, home);
  }
}

function furnish(
  home: string,
  source: string,
  name: string,
  overrides: string | undefined,
  options: TestOptions,
): Trial {
  const environment = options.environment ?? {};
  const scriptPath = options.scriptPath ?? SCRIPT_PATH;
  const addons = openPlatform({ home, environment, scriptPath, program: false, disk: forgetful });
  const { platform } = addons;
  const store = openStore(platform, forgetful);
  prepareStore(store);
  prepareAddonData(store, name);
  const signal = AbortSignal.any(options.signal ? [options.signal] : []);
  setMaxListeners(0, signal); // many scripts run at once
  const scratch = join(home, 'outputs');
  mkdirSync(scratch, { mode: 0o700 });
  openToScripts([platform.appsRoot, dirname(platform.addonData(name)), platform.addonData(name), platform.libRoot]);
  openToScripts([platform.addonsRoot]);
  if (overrides !== undefined) {
    mkdirSync(dirname(platform.addonOverrides(name)), { recursive: true, mode: 0o755 });
    writeFileSync(platform.addonOverrides(name), overrides, { mode: 0o600 });
  }
  const command = () => commandLine(ownProgram(), platform.variables);
  const surroundings = { outside: environment, scriptPath, home: homeDirectory(), command, serve: serveModule() };
  let addon: Addon | undefined;
  return {
    name,
    source,
    home,
    scratch,
    store,
    // Loaded late: it is a check that installs it.
    get addon() {
      addon ??= loadAddon(platform, name, surroundings, options.timeout);
      return addon;
    },
    addons,
    options,
    environment,
    scriptPath,
    signal,
    tell: () => {},
    passed: new Set(),
    failed: new Set(),
    made: new Map(),
    ids: new Set(),
    enabled: false,
    secrets: new Set(),
    written: [],
    outlived: new Set(),
    seenArguments: [],
    durations: [],
    rootBefore: new Map(),
    umask: '000',
  };
}

/** The tool's own state need not outlive a power cut here; what the scripts make durable takes its time. */
const forgetful: Disk = { ...nodeDisk, sync: async () => {} };

/** Others may enter it but not look around: a server runs as a user of its own. */
function makeHome(temporary: string): string {
  try {
    // Short: the path of a socket has 107 bytes.
    const home = mkdtempSync(join(temporary, 'addons-'));
    chmodSync(home, 0o711);
    return home;
  } catch (error) {
    const why = fromSystem(error, temporary);
    if (!(why instanceof AddonsError)) throw why;
    throw new AddonsError(why.code, why.message, {
      hint: 'Set TMPDIR to a directory that you may write to.',
      cause: error,
    });
  }
}

/** As on a real platform, whatever the caller's umask. */
function openToScripts(directories: readonly string[]): void {
  for (const directory of directories) chmodSync(directory, 0o755);
}
