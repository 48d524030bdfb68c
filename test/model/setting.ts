import type { Protocol } from './protocol.ts';

/** What a process runs: its program and the arguments. */
export type Command =
  | [name: 'add' | 'rotate' | 'undo', app: string, addon: string]
  | [name: 'remove', app: string, addon: string, spare?: 'forget' | 'trash']
  | [name: 'clone', app: string, addon: string, source: string]
  | [name: 'adopt', app: string, addon: string, id: string, keep?: boolean]
  | [name: 'move', from: string, to: string, addon: string]
  /** Empties the trash. */
  | [name: 'empty']
  /** `how`: retry, discard, or the id to adopt. */
  | [name: 'resolve', entry: string, how: string]
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
  /** Resources in the trash before, each as the operation that put it there and the app that had it. */
  trash?: [operation: string, app: string, ino: number, addon: string, id: string][];
  /** Resources of `db` that exist before and that nobody here knows of. */
  outside?: string[];
  /** Ids that are marked as never to be unprovisioned. */
  kept?: string[];
  /**
   * `q`, an add of `db` for `a`, is in quarantine. `unknown`: `provision` died without a word after it had made `#q.1`.
   * `held`: `provision` failed and told of `#x`, which somebody else had by the time that `unprovision` was to run again.
   */
  quarantined?: 'unknown' | 'held' | 'no';
  /** Every line has an extra name. */
  names?: boolean;
  /** Whoever looks for an id's holder or for an add-on's users looks at one place after the other, trash included. */
  apart?: boolean;
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
  /** Something can be put in the trash, or is there. */
  readonly trashes: boolean;
  /** Something can be marked as kept, or is. */
  readonly marks: boolean;
  readonly protocol: Protocol;
}

export const settingOf = (scenario: Scenario, protocol: Protocol): Setting => ({
  apps: { a: 1 },
  has: [],
  trash: [],
  outside: [],
  kept: [],
  quarantined: 'no',
  names: false,
  apart: false,
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
  trashes: !!scenario.trash || scenario.run.some(([, , , way]) => way === 'trash'),
  marks: !!scenario.kept || scenario.run.some(([name, , , , keep]) => name === 'adopt' && keep),
  protocol,
});
