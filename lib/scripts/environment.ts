import { variablePrefix } from '../names.ts';
import type { Platform } from '../platform.ts';

/** The `PATH` of every script: the caller's own could run other people's programs. */
export const SCRIPT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What a script's environment is made of. */
export interface EnvironmentSource {
  platform: Platform;
  addon: string;
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
  const { platform, addon, operation, trace, home } = source;
  return {
    ...passed(source),
    ...source.config,
    PATH: source.scriptPath,
    LANG: 'C.UTF-8',
    ...(home === undefined ? {} : { HOME: home }),
    ADDON: addon,
    ADDON_ROOT: platform.addonRoot(addon),
    ADDON_DATA: platform.addonData(addon),
    ADDON_OVERRIDES: platform.addonOverrides(addon),
    ADDONS_PLATFORM: platform.name,
    ...(operation === undefined ? {} : { ADDONS_OP_ID: operation }),
    // ADDON_TRACE beside it, for scripts that do not know the platform's name.
    ...(trace ? { [traceVariable(platform)]: '1', ADDON_TRACE: '1' } : {}),
  };
}

const traceVariable = (platform: Platform) => `${variablePrefix(platform.name)}_TRACE`;

const ALWAYS_PASSED = /^(DOCKER_.+|.+_PROXY|.+_proxy|TZ)$/;

// These make an interpreter or the dynamic linker run somebody's code before the script's first line.
const NEVER_PASSED = /^(NODE_OPTIONS|BASH_ENV|ENV|SHELLOPTS|BASHOPTS|PS4|BASH_FUNC_.*|LD_.*)$/;

// Set by this library or not at all: an outer operation's id or tag would make a nested one lie about itself.
const OURS =
  /^(ADDON|ADDON_ROOT|ADDON_DATA|ADDON_OVERRIDES|ADDON_TRACE|ADDON_CONFIG_.*|ADDONS_PLATFORM|ADDONS_OP_ID|ADDONS_RUN|PATH|LANG|HOME)$/;

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
