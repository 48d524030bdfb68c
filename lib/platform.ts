import { join, resolve } from 'node:path';
import { checkPlatformName, configVarName, variablePrefix } from './names.ts';

/**
 * Where everything of one platform lies. Every path is asked from here, never built elsewhere:
 * other hosts (Dokku) lay them out differently.
 */
export interface Platform {
  readonly name: string;
  /** Parent of the app directories, e.g. `/home/x`. */
  readonly appsRoot: string;
  /** Installed add-ons, journal, locks, e.g. `/var/lib/x`. */
  readonly libRoot: string;
  /** Configuration, e.g. `/etc/x`. */
  readonly etcRoot: string;
  readonly addonsRoot: string;
  readonly journal: string;
  readonly locks: string;
  readonly stamps: string;
  /** Resources that were taken from their app and are unprovisioned later. */
  readonly trash: string;
  /** The operations log, `operations.jsonl`, and its older parts. */
  readonly log: string;
  /** What the scripts did: the history of each add-on. */
  readonly executions: string;
  /** The operator's settings for the whole platform. */
  readonly settings: string;
  /** External processors of the operator's. */
  readonly processors: string;
  /** Output files of scripts that are not journaled. */
  readonly outputs: string;
  /** Where the add-ons that come with this package lie, or undefined. */
  readonly shipped: string | undefined;
  /** Functions that shell scripts of others may source, where add-ons come with this package. */
  readonly functions: string | undefined;
  /** Variables that make the program serve this platform, whoever starts it. */
  readonly variables: Readonly<Record<string, string>>;
  /** Where plugin directories lie; of two of one name the first counts. */
  readonly plugins: readonly string[];
  appDir(app: string): string;
  addonRoot(addon: string): string;
  addonData(addon: string): string;
  marker(addon: string): string;
  /** Ids of the add-on's resources that must never be unprovisioned, one a line. */
  kept(addon: string): string;
  addonOverrides(addon: string): string;
  configVar(addon: string): string;
}

export interface PlatformPaths {
  /** Platform name, default `x`. */
  name?: string | undefined;
  /** One directory for all three roots: `home/apps`, `home/lib`, `home/etc`. */
  home?: string | undefined;
  /** Override of a single root. */
  appsRoot?: string | undefined;
  libRoot?: string | undefined;
  etcRoot?: string | undefined;
  shipped?: string | undefined;
}

/** @throws {AddonsError} `usage` for a bad platform name */
export function describePlatform({ name = 'x', home, ...roots }: PlatformPaths): Platform {
  checkPlatformName(name);
  const appsRoot = roots.appsRoot ?? (home ? join(home, 'apps') : `/home/${name}`);
  const libRoot = roots.libRoot ?? (home ? join(home, 'lib') : `/var/lib/${name}`);
  const etcRoot = roots.etcRoot ?? (home ? join(home, 'etc') : `/etc/${name}`);
  const prefix = variablePrefix(name);
  const addonsRoot = join(libRoot, 'add-ons');
  const addonData = (addon: string) => join(appsRoot, '.add-ons', addon);
  return {
    name,
    appsRoot,
    libRoot,
    etcRoot,
    addonsRoot,
    journal: join(libRoot, 'journal'),
    locks: join(libRoot, 'locks'),
    stamps: join(libRoot, 'stamps'),
    trash: join(libRoot, 'trash'),
    log: join(libRoot, 'log'),
    executions: join(libRoot, 'executions'),
    settings: join(etcRoot, 'addons.toml'),
    processors: join(etcRoot, 'processors'),
    outputs: join(libRoot, 'outputs'),
    shipped: roots.shipped,
    functions: roots.shipped && join(roots.shipped, 'functions.sh'),
    plugins: [join(etcRoot, 'plugins'), join(libRoot, 'plugins')],
    variables: {
      ADDONS_PLATFORM: name,
      [`${prefix}_ROOT`]: resolve(appsRoot),
      [`${prefix}_LIB_ROOT`]: resolve(libRoot),
      [`${prefix}_ETC_ROOT`]: resolve(etcRoot),
    },
    appDir: (app) => join(appsRoot, app),
    addonRoot: (addon) => join(addonsRoot, addon),
    addonData,
    marker: (addon) => join(addonData(addon), 'enabled'),
    kept: (addon) => join(addonData(addon), 'kept'),
    addonOverrides: (addon) => join(etcRoot, 'add-ons.d', `${addon}.toml`),
    configVar: (addon) => configVarName(name, addon),
  };
}
