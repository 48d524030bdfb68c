export type { Execution, ProcessorState, ProcessorsResult } from '../../processors/chain.ts';

export interface AddonState {
  name: string;
  /** installed: its directory is there; shipped: comes with this package and is not installed yet. */
  installed: boolean;
  enabled: boolean;
  shipped: boolean;
  description?: string;
  version?: string;
  /** The directory of a developer that it is a link to. */
  developed?: string;
  /** Apps that have a line for it. */
  apps: string[];
}

export interface ResourceState {
  addon: string;
  id: string;
  configVar: string;
  /** Extra names of the config var. */
  env: string[];
  /** There where it is marked as never to be unprovisioned. */
  kept?: true;
  /** `ok`, or what stands in the way. */
  state:
    | 'ok'
    | 'adding'
    | 'removing'
    | 'rotating'
    | 'moving'
    | 'quarantined'
    | 'disabled'
    | 'not-installed'
    | 'duplicate';
}

export interface AppResources {
  app: string;
  resources: ResourceState[];
  /** Lines of ADDONS that cannot be understood, by number; 0: the whole file. */
  malformed: { line: number; problem: string }[];
}

export interface AddonInfo extends AddonState {
  root: string;
  data: string;
  configVar: string;
  idempotent: boolean;
  scripts: { name: string; present: boolean; required: boolean; timeout: number }[];
  /** Effective configuration; values that look secret are shown as `[redacted]`. */
  config: Record<string, string | number | boolean>;
  /** Root's file over it, where there is one. */
  overrides?: string;
  /** Keys of `config` that root or the operator sets. */
  overridden: string[];
  /** The file that each of these is from. */
  from: Record<string, string>;
  /** The profile in force. */
  profile?: string;
  /** Add-ons whose programs and libraries its scripts get, too. */
  inherits: string[];
  passEnv: string[];
  newerShipped?: string;
  /** What its daemons run. Undefined: it has none. */
  daemons?: { name: string; command: string[] }[];
  /** Cron jobs; `timeout` in seconds. Undefined: it has none. */
  jobs?: { name: string; schedule: string; command: string[]; timeout: number }[];
}

/** A package, verified. */
export interface PackageInfo {
  file: string;
  name: string;
  version: string;
  description?: string;
  format: number;
  /** Of the content: the same for the same files. */
  hash: string;
  files: number;
  /** Of all files, as they are when installed. */
  bytes: number;
  /** Its own values; those that look secret are shown as `[redacted]`. */
  config: Record<string, string | number | boolean>;
  profiles: string[];
  inherits: string[];
  /** Those that it has. */
  scripts: string[];
  /** Names, as of the jobs. */
  daemons: string[];
  jobs: string[];
}

/** The configuration in force. */
export interface AddonConfig {
  addon: string;
  /** The profile in force. */
  profile?: string;
  /** Values that look secret are shown as `[redacted]`. */
  values: { key: string; value: string | number | boolean; from: string }[];
  /** The add-on's own, the operator's and root's; the later ones stand above. */
  files: { path: string; present: boolean }[];
}

/** What the scripts of an add-on see. Secret. */
export interface AddonEnvironment {
  addon: string;
  /** Where its files lie: the scripts' working directory. */
  root: string;
  variables: Record<string, string>;
}

export interface HeldLock {
  /** What is held: `lock shop`, `lock add-on db`, or `operation <id>`. */
  name: string;
  /** Operation id, or the name of the lock's directory: what `unlock` takes. */
  key: string;
  /** Pid on its machine. */
  pid: number;
  /** `alive` and `dead` are known; `unknown`: another machine or pid namespace. */
  owner: 'alive' | 'dead' | 'unknown';
  /** ISO 8601. */
  since: string;
}

export interface UnlockResult {
  held: HeldLock[];
  /** Keys that were freed by this call. */
  freed: string[];
}

/** One app at a glance. Told from the files alone: no `url` script is run. */
export interface AppStatus {
  app: string;
  /** When it was last released, ISO 8601; undefined: never, or not since the host was moved. */
  released?: string;
  resources: ResourceStatus[];
  /** Lines of ADDONS that cannot be understood. */
  malformed: { line: number; problem: string }[];
}

export interface ResourceStatus extends Omit<ResourceState, 'state'> {
  /** `drift`: ENV lacks a variable of it, or a name of it has another value than the others. */
  state: ResourceState['state'] | 'drift';
}

/** What an add-on's `health` script says. `none`: it has no such script. */
export interface AddonHealth {
  addon: string;
  health: 'healthy' | 'unhealthy' | 'none';
  /** What it wrote when it failed, redacted. */
  message?: string;
}

export interface StatusResult {
  apps: AppStatus[];
  /** Only when asked for. */
  health?: AddonHealth[];
}

/** Which operations are asked for: all that is given must be so. */
export interface LogAbout {
  app?: string | undefined;
  addon?: string | undefined;
  /** An app or an add-on of this name. */
  name?: string | undefined;
}

/** One line of the operations log. Never a secret. */
export interface LogEntry {
  /** When it ended, ISO 8601. */
  time: string;
  /** Who: the name of the user, and whom sudo says it was. */
  user: string;
  sudo?: string;
  pid: number;
  /** What: `add`, `remove`, `release` … */
  what: string;
  app?: string;
  addon?: string;
  /** `done`, `failed`; `recovered`: what a crash had interrupted was brought to its end. */
  outcome: 'done' | 'failed' | 'recovered';
  /** The error's code and sentence. */
  error?: { code: string; message: string };
  /** Milliseconds. */
  duration: number;
  /** remove: what became of the resource, e.g. `destroyed`, `in-trash`. */
  resource?: string;
  /** Id of the journaled operation. */
  operation?: string;
}

/** Which executions are asked for: all that is given must be so. */
export interface ExecutionsAbout {
  addon?: string | undefined;
  app?: string | undefined;
  /** Only those whose script did not end with exit status 0. */
  failed?: boolean | undefined;
  id?: string | undefined;
  /** Only the newest ones; 0 or undefined: all that are kept. */
  last?: number | undefined;
}
