import type { Protocol } from './protocol.ts';

/** What a process runs: its program and the arguments. */
export type Command =
  | [name: 'add' | 'remove' | 'rotate', app: string, addon: string]
  | [name: 'enable', addon: string]
  | [name: 'disable', addon: string, force?: boolean]
  | [name: 'release', app: string]
  /** Recovers one entry that it saw dead earlier, like a second recoverer. */
  | [name: 'recoverOne', entry: string]
  | [name: 'mv', from: string, to: string]
  | [name: 'rm', app: string]
  /** The app is deleted, respectively renamed, and made again with a new directory inode. */
  | [name: 'recreate', app: string, ino: number]
  | [name: 'mvRecreate', from: string, to: string, ino: number]
  | [name: 'changeUrl'];

/**
 * What may befall a process.
 *
 * `manager`: killed alone. `group`: killed with its scripts. `script`: a script's whole group is killed. `shell`: only
 * the wrapper dies, the script lives on. `child`: only the script dies of a signal, the wrapper writes its exit status.
 * `give up`: the manager is told to stop (Ctrl-C, abort) and does so alive.
 */
export type CrashKind = 'manager' | 'group' | 'script' | 'shell' | 'child' | 'give up';

export interface Scenario {
  name: string;
  /** The processes p0, p1, … that run beside each other. */
  run: Command[];
  /** Directory inode of each app, by its name. Default: one app `a`. */
  apps?: Record<string, number>;
  /** Resources that exist before, each with its line and config var. */
  has?: [ino: number, addon: string, id: string][];
  /** `db` is not enabled at the start. */
  off?: boolean;
  /** How many crashes are spent at most, default 2. */
  crashes?: number;
  kinds?: CrashKind[];
  /** How many scripts fail at most, default 0. */
  fails?: number;
  unprovisionFails?: boolean;
  /** `fresh`: never given out twice. `fixed`: the app's name. `reuse`: the lowest free number, like a port. */
  ids?: 'fresh' | 'fixed' | 'reuse';
  idempotent?: boolean;
  /** Power may fail: what was not synced is lost, or not. */
  power?: boolean;
  /** What `url` prints changes while releases run. */
  urlChanges?: boolean;
  /** p0 and p1 run the same command: states that differ only in their names are one. */
  twins?: boolean;
  /** The add-on breaks the contract: only a mutant runs this, and must be caught. */
  breach?: boolean;
}

/** A scenario with its defaults, and the protocol that it is explored with. */
export interface Setting extends Readonly<Required<Scenario>> {
  readonly protocol: Protocol;
}

export const settingOf = (scenario: Scenario, protocol: Protocol): Setting => ({
  apps: { a: 1 },
  has: [],
  off: false,
  crashes: 2,
  kinds: ['manager', 'group', 'script', 'shell'],
  fails: 0,
  unprovisionFails: false,
  ids: 'fresh',
  idempotent: false,
  power: false,
  urlChanges: false,
  twins: false,
  breach: false,
  ...scenario,
  protocol,
});
