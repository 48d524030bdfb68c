import { variablePrefix } from '../names.ts';
import type { Addons } from '../operations/results.ts';
import type { PlatformPaths } from '../platform.ts';
import type { Io } from './io.ts';
import type { Flags } from './options.ts';
import { openReporter, type Reporter } from './reporter.ts';
import { type Settings, settingsPath, settle } from './settings.ts';
import { readSettingsFile } from './settings-file.ts';
import type { Surface } from './surface.ts';

/** What a platform is opened with. */
export interface OpenOptions extends PlatformPaths {
  /** The environment that scripts may see parts of. */
  environment?: Record<string, string | undefined>;
  /** Where external processors may lie, too. */
  beside?: string;
  /** Seconds to wait for other processes. */
  wait?: number;
  profile?: string | undefined;
}

/** Opens the library; called only by commands that need a platform. */
export type Open = (options: OpenOptions) => Addons | Promise<Addons>;

/** What holds for the whole process, known before the command line is understood. */
export interface Session {
  io: Io;
  open: Open;
  surface: Surface;
  json: boolean;
  quiet: boolean;
  report: Reporter;
}

export function startSession(tokens: readonly string[], io: Io, open: Open, surface: Surface): Session {
  const end = tokens.indexOf('--');
  const options = new Set(end < 0 ? tokens : tokens.slice(0, end));
  const quiet = options.has('--quiet');
  const traces = options.has('--trace') || Boolean(io.env[`${variablePrefix(io.env.ADDONS_PLATFORM || 'x')}_TRACE`]);
  const report = openReporter(io, { quiet, animate: !traces, spell: surface.spell });
  return { io, open, surface, json: options.has('--json'), quiet, report };
}

/** @throws {AddonsError} `usage`, and `malformed` for a settings file that cannot be understood */
export async function readSettings({ io }: Session, flags: Flags): Promise<Settings> {
  const sources = { flags, env: io.env, cwd: io.cwd };
  return settle(sources, await readSettingsFile(settingsPath(sources)));
}

export const openPlatformOf = async ({ io, open }: Session, { paths, wait, profile }: Settings): Promise<Addons> =>
  open({
    ...paths,
    environment: io.env,
    beside: io.program.directory,
    wait,
    ...(profile !== undefined && { profile }),
  });
