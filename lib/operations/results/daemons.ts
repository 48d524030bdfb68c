import type { Outcome } from './calls.ts';

/** One instance of a daemon, as its supervisor has it. */
export interface DaemonState {
  addon: string;
  daemon: string;
  /** From 1; the directory's name, of a daemon that runs once for each. */
  instance: number | string;
  /** `down`: nothing keeps it running. `restarting`: it has ended, and is about to be started. */
  state: 'running' | 'restarting' | 'down';
  pid?: number;
  /** ISO 8601. */
  since?: string;
  supervisor: 'systemd' | 'runit';
}

export type DaemonControl = 'start' | 'stop' | 'restart';

export interface ControlResult {
  addon: string;
  outcome: Outcome;
  /** As they are then. */
  daemons: DaemonState[];
  steps: string[];
}

export interface DaemonLogOptions {
  /** Of one daemon only. */
  daemon?: string | undefined;
  /** How many of the lines there are; default 50. */
  lines?: number | undefined;
  /** Goes on with those to come, until the signal. */
  follow?: boolean | undefined;
}

/** What a daemon wrote. */
export interface DaemonLogLine {
  daemon: string;
  instance: number | string;
  /** ISO 8601. */
  time?: string;
  text: string;
}
