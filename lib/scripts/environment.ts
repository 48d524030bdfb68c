import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { variablePrefix } from '../names.ts';
import type { Platform } from '../platform.ts';

/** The `PATH` of every script: the caller's own could run other people's programs. */
export const SCRIPT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What a script's environment is made of. */
export interface EnvironmentSource {
  platform: Platform;
  addon: string;
  /** Where its files lie, then those of the add-ons that it inherits from. Default: the platform's place for it alone. */
  roots?: readonly string[] | undefined;
  /** `ADDON_CONFIG_<KEY>` variables, complete. */
  config: Readonly<Record<string, string>>;
  /** Names that the descriptor's `pass_env` asks for. */
  passEnv: readonly string[];
  /** The caller's environment: only `DOCKER_*`, `*_PROXY`, `TZ` and what `passEnv` names is taken from it. */
  outside: Readonly<Record<string, string | undefined>>;
  /** `PATH` of the script, normally `SCRIPT_PATH`. */
  scriptPath: string;
  /** Operation id. The same when an operation is run again after a crash. */
  operation?: string | undefined;
  /** Sets `X_TRACE=1`. */
  trace?: boolean | undefined;
  /** Where the sockets of its daemons are, if it has any. */
  sockets?: string | undefined;
  /** Home directory of the user that the scripts run as: `os.userInfo().homedir`, which no variable can bend. */
  home?: string | undefined;
}

/**
 * The whole environment of one script. What the contract promises wins over everything from outside.
 *
 * @example
 * scriptEnvironment({ platform, addon: 'db', config: {}, passEnv: [], outside: process.env, scriptPath: SCRIPT_PATH })
 */
export function scriptEnvironment(source: EnvironmentSource): Record<string, string> {
  const { platform, addon, operation, trace, home, sockets, roots = [platform.addonRoot(addon)] } = source;
  return {
    ...passed(source),
    ...source.config,
    ...libraries(roots),
    PATH: [...existing(roots, PROGRAMS), source.scriptPath].join(':'),
    LANG: 'C.UTF-8',
    ...(home === undefined ? {} : { HOME: home }),
    ADDON: addon,
    ADDON_ROOT: roots[0] ?? platform.addonRoot(addon),
    ADDON_DATA: platform.addonData(addon),
    ADDON_OVERRIDES: platform.addonOverrides(addon),
    ...(sockets === undefined ? {} : { ADDON_SOCKETS: sockets }),
    ADDONS_PLATFORM: platform.name,
    ...(operation === undefined ? {} : { ADDONS_OP_ID: operation }),
    // ADDON_TRACE beside it, for scripts that do not know the platform's name.
    ...(trace ? { [traceVariable(platform)]: '1', ADDON_TRACE: '1' } : {}),
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

const traceVariable = (platform: Platform) => `${variablePrefix(platform.name)}_TRACE`;

const ALWAYS_PASSED = /^(DOCKER_.+|.+_PROXY|.+_proxy|TZ)$/;

// These make an interpreter or the dynamic linker run somebody's code before the script's first line.
const NEVER_PASSED = /^(NODE_OPTIONS|BASH_ENV|ENV|SHELLOPTS|BASHOPTS|PS4|BASH_FUNC_.*|LD_.*)$/;

// Set by this library or not at all: an outer operation's id or tag would make a nested one lie about itself.
const OURS =
  /^(ADDON|ADDON_ROOT|ADDON_DATA|ADDON_OVERRIDES|ADDON_TRACE|ADDON_SOCKETS|ADDON_INSTANCE|ADDON_CONFIG_.*|ADDONS_PLATFORM|ADDONS_OP_ID|ADDONS_RUN|ADDONS_DAEMON|PATH|LANG|HOME)$/;

function passed({ outside, passEnv, platform }: EnvironmentSource) {
  const entries = Object.entries(outside).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && isPassed(entry[0], passEnv),
  );
  const taken = Object.fromEntries(entries);
  delete taken[traceVariable(platform)];
  return taken;
}

const isPassed = (name: string, passEnv: readonly string[]) =>
  (ALWAYS_PASSED.test(name) || passEnv.includes(name)) && !NEVER_PASSED.test(name) && !OURS.test(name);
