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
  /** What add-ons are made of: `addonRoot` is a link to a directory in here, or a directory itself. */
  readonly versions: string;
  /** The operator's configuration files. */
  readonly config: string;
  /** Names the variant of configuration that this machine runs with. */
  readonly profile: string;
  /** Root's configuration files, and packages to be installed. */
  readonly provisioned: string;
  /** What the scripts did: the history of each add-on. */
  readonly executions: string;
  /** The operator's settings for the whole platform. */
  readonly settings: string;
  /** External processors of the operator's. */
  readonly processors: string;
  /** Output files of scripts that are not journaled. */
  readonly outputs: string;
  /** What is known of the cron jobs of add-ons, a directory each. */
  readonly cron: string;
  /** Logs of what add-ons run beside their scripts, a directory each. */
  readonly logs: string;
  /** Variables that make the program serve this platform, whoever starts it. */
  readonly variables: Readonly<Record<string, string>>;
  /** What supervisors run of the add-ons, and the logs of that. */
  readonly services: string;
  /** Where the add-ons that come with this package lie, or undefined. */
  readonly shipped: string | undefined;
  /** Functions that shell scripts of others may source, where add-ons come with this package. */
  readonly functions: string | undefined;
  /** Where plugin directories lie; of two of one name the first counts. */
  readonly plugins: readonly string[];
  appDir(app: string): string;
  addonRoot(addon: string): string;
  addonData(addon: string): string;
  marker(addon: string): string;
  /** Ids of the add-on's resources that must never be unprovisioned, one a line. */
  kept(addon: string): string;
  /** Root's file over the add-on's configuration. It stands above the operator's. */
  addonOverrides(addon: string): string;
  /** The operator's file over the add-on's configuration. */
  addonConfig(addon: string): string;
  configVar(addon: string): string;
  /** Sockets of the add-on's daemons: those of one set, or the link to those in force. */
  sockets(addon: string, set?: string): string;
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
  const appsRoot = roots.appsRoot ?? (home ? join(home, 'apps') : `/home/${name}`);
  const libRoot = roots.libRoot ?? (home ? join(home, 'lib') : `/var/lib/${name}`);
  const etcRoot = roots.etcRoot ?? (home ? join(home, 'etc') : `/etc/${name}`);
  const prefix = variablePrefix(name);
  return platformOn(name, {
    appsRoot,
    libRoot,
    etcRoot,
    dataRoot: join(appsRoot, '.add-ons'),
    stateRoot: libRoot,
    versions: join(libRoot, 'versions'),
    config: join(libRoot, 'config'),
    shipped: roots.shipped,
    variables: {
      ADDONS_PLATFORM: name,
      [`${prefix}_ROOT`]: resolve(appsRoot),
      [`${prefix}_LIB_ROOT`]: resolve(libRoot),
      [`${prefix}_ETC_ROOT`]: resolve(etcRoot),
    },
  });
}

/** The directories that everything else of a platform lies in. */
export interface PlatformDirectories
  extends Pick<Platform, 'appsRoot' | 'libRoot' | 'etcRoot' | 'versions' | 'config' | 'shipped' | 'variables'> {
  /** Of the add-ons' data: `$ADDON_DATA` is `dataRoot/<name>`. */
  dataRoot: string;
  /** Of the journal, locks and the like. */
  stateRoot: string;
}

/** @throws {AddonsError} `usage` for a bad platform name */
export function platformOn(name: string, directories: PlatformDirectories): Platform {
  checkPlatformName(name);
  const { dataRoot, stateRoot, ...others } = directories;
  const { appsRoot, libRoot, etcRoot, config } = others;
  const addonsRoot = join(libRoot, 'add-ons');
  const provisioned = join(etcRoot, 'add-ons.d');
  const addonData = (addon: string) => join(dataRoot, addon);
  return {
    name,
    ...others,
    addonsRoot,
    journal: join(stateRoot, 'journal'),
    locks: join(stateRoot, 'locks'),
    stamps: join(stateRoot, 'stamps'),
    trash: join(stateRoot, 'trash'),
    log: join(stateRoot, 'log'),
    executions: join(stateRoot, 'executions'),
    outputs: join(stateRoot, 'outputs'),
    cron: join(stateRoot, 'cron'),
    logs: join(stateRoot, 'logs'),
    services: join(stateRoot, 'services'),
    profile: join(etcRoot, 'profile'),
    provisioned,
    settings: join(etcRoot, 'addons.toml'),
    processors: join(etcRoot, 'processors'),
    functions: others.shipped && join(others.shipped, 'functions.sh'),
    plugins: [join(etcRoot, 'plugins'), join(libRoot, 'plugins')],
    appDir: (app) => join(appsRoot, app),
    addonRoot: (addon) => join(addonsRoot, addon),
    addonData,
    marker: (addon) => join(addonData(addon), 'enabled'),
    kept: (addon) => join(addonData(addon), 'kept'),
    addonOverrides: (addon) => join(provisioned, `${addon}.toml`),
    addonConfig: (addon) => join(config, `${addon}.toml`),
    configVar: (addon) => configVarName(name, addon),
    sockets: (addon, set) => join(addonData(addon), set === undefined ? 'sockets' : `sockets-${set}`),
  };
}
