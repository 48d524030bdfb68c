import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { variablePrefix } from '../names.ts';
import type { Platform } from '../platform.ts';

/** The `PATH` of every script: the caller's own could run other people's programs. */
export const SCRIPT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where the programs that one platform runs find what they see of the outside. */
export interface Surroundings {
  /** The caller's environment: only `DOCKER_*`, `*_PROXY`, `TZ` and what is asked for by name is taken from it. */
  outside: Readonly<Record<string, string | undefined>>;
  /** `PATH` of every program, normally `SCRIPT_PATH`. */
  scriptPath: string;
  /** Home directory of the user that they run as: `os.userInfo().homedir`, which no variable can bend. */
  home?: string | undefined;
  /** The profile in force, instead of what `/etc/x/profile` says. */
  profile?: string | undefined;
  /** The words with which cron starts the command line, instead of this package's own; false: nothing is put in a crontab. */
  program?: readonly string[] | false | undefined;
  /** Gives the command line of this program for this platform, for a shell: the words of a call follow. */
  command?: (() => string) | undefined;
  /** This package's serve(), for programs in Node. */
  serve?: string | undefined;
  /** Directory of the command that was called: extensions may lie beside it. */
  beside?: string | undefined;
}

/** What a script's environment is made of. */
export interface EnvironmentSource extends Surroundings {
  platform: Platform;
  addon: string;
  /** Where its files lie, then those of the add-ons that it inherits from. Default: the platform's place for it alone. */
  roots?: readonly string[] | undefined;
  /** `ADDON_CONFIG_<KEY>` variables, complete. */
  config: Readonly<Record<string, string>>;
  /** Names that the descriptor's `pass_env` asks for. */
  passEnv: readonly string[];
  /** Operation id. The same when an operation is run again after a crash. */
  operation?: string | undefined;
  /** Sets `X_TRACE=1`. */
  trace?: boolean | undefined;
  /** Where the sockets of its daemons are, if it has any. */
  sockets?: string | undefined;
}

/**
 * The whole environment of one script. What the contract promises wins over everything from outside.
 *
 * @example
 * scriptEnvironment({ platform, addon: 'db', config: {}, passEnv: [], outside: process.env, scriptPath: SCRIPT_PATH })
 */
export function scriptEnvironment(source: EnvironmentSource): Record<string, string> {
  const { platform, addon, operation, sockets, command, roots = [platform.addonRoot(addon)] } = source;
  return {
    ...passed(source),
    ...source.config,
    ...libraries(roots),
    ...basics(source),
    PATH: [...existing(roots, PROGRAMS), source.scriptPath].join(':'),
    ADDON: addon,
    ADDON_ROOT: roots[0] ?? platform.addonRoot(addon),
    ADDON_DATA: platform.addonData(addon),
    ADDON_OVERRIDES: platform.addonOverrides(addon),
    ...(sockets === undefined ? {} : { ADDON_SOCKETS: sockets }),
    ...(command === undefined ? {} : { ADDONS_COMMAND: command() }),
    ...(operation === undefined ? {} : { ADDONS_OP_ID: operation }),
  };
}

/** Below an add-on's directory. */
const PROGRAMS = ['bin', 'node_modules/.bin', 'python_modules/bin'];

/** What interpreters and the linker find of the add-on's own. Set only where there is something: others keep their defaults. */
function libraries(roots: readonly string[]): Record<string, string> {
  const variables = {
    LD_LIBRARY_PATH: existing(roots, ['lib']),
    PYTHONPATH: existing(roots, ['lib', 'python_modules']),
    NODE_PATH: existing(roots, ['lib', 'node_modules']),
  };
  const set = Object.fromEntries(
    Object.entries(variables).flatMap(([name, paths]) => (paths.length > 0 ? [[name, paths.join(':')]] : [])),
  );
  // What Python compiles would lie in the add-on's directory, and make another one of it.
  return variables.PYTHONPATH.length > 0 ? { ...set, PYTHONDONTWRITEBYTECODE: '1' } : set;
}

const existing = (roots: readonly string[], names: readonly string[]): string[] =>
  roots.flatMap((root) => names.map((name) => join(root, name))).filter((path) => existsSync(path));
/** What an extension's environment is made of: a trigger's, a processor's. */
export interface ExtensionSource extends Surroundings {
  platform: Platform;
  /** Its own variables, complete. */
  variables: Readonly<Record<string, string>>;
  trace?: boolean | undefined;
}

/** The whole environment of an extension that this tool starts by itself; an `addons` that it calls finds the same platform. */
export function extensionEnvironment(source: ExtensionSource): Record<string, string> {
  const { platform, scriptPath, beside, variables } = source;
  return {
    ...passed({ ...source, passEnv: [] }),
    ...platform.variables,
    ...basics(source),
    PATH: beside === undefined ? scriptPath : `${scriptPath}:${beside}`,
    ...variables,
  };
}

/** `X_TRACE`, and a name beside it for programs that do not know the platform's. */
export const traceVariables = (platform: Platform): Record<string, string> => ({
  [traceVariable(platform)]: '1',
  ADDON_TRACE: '1',
});

function basics(source: Surroundings & { platform: Platform; trace?: boolean | undefined }) {
  const { platform, scriptPath, home, serve, trace } = source;
  return {
    PATH: scriptPath,
    LANG: 'C.UTF-8',
    ...(home === undefined ? {} : { HOME: home }),
    ADDONS_PLATFORM: platform.name,
    ...functionsVariable(platform),
    ...(serve === undefined ? {} : { ADDONS_SERVE: serve }),
    ...(trace ? traceVariables(platform) : {}),
  };
}

/** Where the functions for shell scripts lie. */
export const functionsVariable = ({ functions }: Platform): Record<string, string> =>
  functions === undefined ? {} : { ADDONS_FUNCTIONS: functions };

const traceVariable = (platform: Platform) => `${variablePrefix(platform.name)}_TRACE`;

const ALWAYS_PASSED = /^(DOCKER_.+|.+_PROXY|.+_proxy|TZ)$/;

// These make an interpreter or the dynamic linker run somebody's code before the script's first line.
const NEVER_PASSED = /^(NODE_OPTIONS|BASH_ENV|ENV|SHELLOPTS|BASHOPTS|PS4|BASH_FUNC_.*|LD_.*)$/;

// Set by this library or not at all: an outer operation's id or tag would make a nested one lie about itself.
const OURS =
  /^(ADDON|ADDON_ROOT|ADDON_DATA|ADDON_OVERRIDES|ADDON_TRACE|ADDON_SOCKETS|ADDON_INSTANCE|ADDON_CONFIG_.*|ADDONS_(PLATFORM|OP_ID|RUN|DAEMON|FUNCTIONS|COMMAND|SERVE|TRIGGERS)|PATH|LANG|HOME)$/;

function passed({ outside, passEnv, platform }: Pick<EnvironmentSource, 'outside' | 'passEnv' | 'platform'>) {
  const entries = Object.entries(outside).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && isPassed(entry[0], passEnv),
  );
  const taken = Object.fromEntries(entries);
  delete taken[traceVariable(platform)];
  return taken;
}

const isPassed = (name: string, passEnv: readonly string[]) =>
  (ALWAYS_PASSED.test(name) || passEnv.includes(name)) && !NEVER_PASSED.test(name) && !OURS.test(name);
