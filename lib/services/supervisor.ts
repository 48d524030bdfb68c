import { existsSync } from 'node:fs';
import { AddonsError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { runit } from './runit.ts';
import { systemd } from './systemd.ts';
import { findTool } from './tool.ts';
import type { InstanceName, Unit } from './unit.ts';

/** What starts daemons, and starts them again when they have ended. */
export interface Supervisor {
  name: 'systemd' | 'runit';
  /** What has to lie on the disk before `begin`, beside the script that becomes the daemon. */
  files(unit: Unit): ServiceFile[];
  /** Starts what is not running, now and at every boot. Resolves when each instance has been started. */
  begin(units: readonly Unit[]): Promise<void>;
  /** Ends every instance, kills what does not end in its time, and has the units' files removed then. */
  end(units: readonly Unit[], remove: () => Promise<void>): Promise<void>;
  states(units: readonly Unit[]): Promise<InstanceState[]>;
  /** The lines of the units' logs, the last `lines` of them and with `follow` those to come, until the signal. */
  log(units: readonly Unit[], options: LogOptions): AsyncGenerator<LogLine>;
}

export interface ServiceFile {
  path: string;
  text: string;
  mode: 0o600 | 0o644 | 0o700;
}

export interface InstanceState {
  unit: Unit;
  instance: InstanceName;
  /** `down`: nothing keeps it running. `restarting`: it has ended, and is about to be started. */
  state: 'running' | 'restarting' | 'down';
  /** Of the running process. */
  pid?: number;
  /** ISO 8601. */
  since?: string;
}

export interface LogOptions {
  lines: number;
  follow: boolean;
  signal: AbortSignal | undefined;
}

export interface LogLine {
  daemon: string;
  instance: InstanceName;
  /** ISO 8601. */
  time?: string;
  text: string;
}

/** systemd where it runs the system, else runit where it is installed. */
export function findSupervisor(platform: Platform, scriptPath: string): Supervisor | undefined {
  if (existsSync('/run/systemd/system')) return systemd(scriptPath);
  const isThere = RUNIT.every((tool) => findTool(tool, scriptPath) !== undefined);
  return isThere ? runit(platform, scriptPath) : undefined;
}

/** @throws {AddonsError} `io` that says what to install */
export function needSupervisor(platform: Platform, scriptPath: string, addon: string): Supervisor {
  const found = findSupervisor(platform, scriptPath);
  if (found) return found;
  const missing = RUNIT.filter((tool) => findTool(tool, scriptPath) === undefined);
  throw new AddonsError(
    'io',
    `Nothing here can run the daemons of ${addon}: systemd does not run, and ${missing.join(', ')} of runit and util-linux ${missing.length === 1 ? 'is' : 'are'} not installed.`,
    { hint: 'Install runit: apt-get install runit', details: { addon } },
  );
}

const RUNIT = ['runsvdir', 'runsv', 'svlogd', 'chpst', 'prlimit', 'timeout'];
