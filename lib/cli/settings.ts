import { resolve } from 'node:path';
import { AddonsError } from '../errors.ts';
import { checkPlatformName, variablePrefix } from '../names.ts';
import { describePlatform, type PlatformPaths } from '../platform.ts';
import type { Flags } from './options.ts';

/** What `addons.toml` may say; the lowest of the three sources. */
export interface FileSettings {
  appsRoot?: string;
  libRoot?: string;
  /** Seconds. */
  wait?: number;
}

/** Which platform, and how long to be patient. */
export interface Settings {
  paths: PlatformPaths;
  /** Seconds to wait for other processes. */
  wait: number;
  /** Seconds a script may run; undefined: what its `addon.toml` says. */
  timeout: number | undefined;
  /** The variant of configuration; undefined: what `/etc/x/profile` says. */
  profile: string | undefined;
}

/** What the settings are made of. */
export interface Sources {
  flags: Flags;
  env: Record<string, string | undefined>;
  cwd: string;
}

/** Where the settings file of the platform lies: it cannot say so itself. */
export const settingsPath = (sources: Sources): string => describePlatform(placesOf(sources)).settings;

/**
 * Flag > environment > file > default.
 *
 * @throws {AddonsError} `usage` for a bad platform name or a number that is none
 */
export function settle(sources: Sources, file: FileSettings): Settings {
  const paths = placesOf(sources);
  const { flags, env } = sources;
  return {
    paths: {
      ...paths,
      // A home, from flag or environment, stands above the file.
      appsRoot: paths.appsRoot ?? (paths.home === undefined ? file.appsRoot : undefined),
      libRoot: paths.libRoot ?? (paths.home === undefined ? file.libRoot : undefined),
    },
    wait: seconds('--wait', flags.wait, 0) ?? file.wait ?? 30,
    timeout: seconds('--timeout', flags.timeout, 0.001),
    profile: env[`${variablePrefix(paths.name ?? 'x')}_PROFILE`] || undefined,
  };
}

/** `--home` > `X_ROOT` > `ADDONS_HOME`. */
function placesOf({ flags, env, cwd }: Sources): PlatformPaths {
  const name = checkPlatformName(flags.platform ?? (env.ADDONS_PLATFORM || 'x'));
  if (flags.home === '') throw new AddonsError('usage', '--home is empty.', { hint: 'Name a directory.' });
  if (flags.home !== undefined) return { name, home: resolve(cwd, flags.home) };
  const prefix = variablePrefix(name);
  const path = (variable: string) => (env[variable] ? resolve(cwd, env[variable]) : undefined);
  return {
    name,
    home: path('ADDONS_HOME'),
    appsRoot: path(`${prefix}_ROOT`),
    libRoot: path(`${prefix}_LIB_ROOT`),
    etcRoot: path(`${prefix}_ETC_ROOT`),
  };
}

// setTimeout fires at once beyond 2^31 ms: a week is patience enough.
const LONGEST = 7 * 24 * 3600;

function seconds(option: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= LONGEST) return value;
  throw new AddonsError('usage', `${option} ${JSON.stringify(text.slice(0, 40))} is not a number of seconds.`, {
    hint: `Give a number ${least === 0 ? 'from 0' : 'above 0'} to ${LONGEST}, like ${option} 30.`,
  });
}
