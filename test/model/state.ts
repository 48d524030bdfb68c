import type { Files, Unsynced } from './files.ts';
import { path } from './files.ts';
import type { Job } from './job.ts';
import type { Command, Setting } from './setting.ts';

/** Everything there is at one moment. Apart from `setting` it is plain JSON, so that a state can be stored and compared. */
export interface State {
  readonly setting: Setting;
  /** The first thing found wrong by a step itself. */
  bad: string | null;
  files: Files;
  /** What a power loss may bring back: a path's content when it was last synced, null for none. */
  unsynced: Unsynced;
  /** Directory inode of each app that exists, by its name. */
  apps: Record<string, number>;
  /** What the add-on's server really holds, by id. */
  resources: Record<string, Resource>;
  /** Pid of each lock's holder. */
  locks: Record<string, string>;
  ghost: Ghost;
  processes: Record<string, Process>;
  /** Counts how often the address that `url` prints has changed. */
  url: number;
  /** Crashes and script failures left to spend. */
  crashes: number;
  fails: number;
  /** Recoveries started so far. */
  recoveries: number;
  /** A recovery found nothing left to do. */
  done: 0 | 1;
}

export interface Resource {
  addon: string;
  /** Operation that provisioned it. */
  op: string;
  private: number;
  /** Operation that rotated it last. */
  rotated?: string;
}

/** What only the invariants read: things that happened and left no trace on disk. */
export interface Ghost {
  [last: `last ${string}`]: 'enable' | 'enable that failed' | 'disable';
  /** The resource's app was deleted behind our back. */
  [abandoned: `abandoned ${string}`]: 1;
  /** `unprovision` of it failed and the user was told. */
  [reported: `reported ${string}`]: 1;
  /** The app's lines changed their private since the last release. */
  [rotated: `rotated ${string}`]: 1;
  urlAt?: number;
  urlDue?: number;
}

/** A process is what it runs and what its steps returned so far: running them again leads to where it stands. */
export interface Process {
  program: Command | ['recoverAll'] | ['giveUp'] | ['wrapper', Job];
  log: unknown[];
  /** Of a wrapper: its claim was won and the script runs. */
  started?: 1;
  /** Of a wrapper: the shell is dead, the script lives. */
  orphan?: 1;
  /** Of a wrapper: its script died of a signal; the exit status that says so. */
  killed?: number;
}

/** Who a program runs as. */
export interface Me {
  readonly pid: string;
  readonly setting: Setting;
}

export function startOf(setting: Setting): State {
  const { apps, off, has, run, crashes, fails } = setting;
  const s: State = {
    setting,
    bad: null,
    files: {},
    unsynced: {},
    apps: { ...apps },
    resources: {},
    locks: {},
    ghost: { 'last db': off ? 'disable' : 'enable' },
    processes: {},
    url: 0,
    crashes,
    fails,
    recoveries: 0,
    done: 0,
  };
  if (!off) s.files[path.marker('db')] = 1;
  for (const ino of Object.values(apps)) s.files[path.addons(ino)] = [];
  for (const [ino, addon, id] of has) {
    s.files[path.addons(ino)] = [...(s.files[path.addons(ino)] ?? []), { addon, id, private: 0 }];
    s.files[path.env(ino)] = { ...s.files[path.env(ino)], [addon]: `${id};0;0` };
    s.files[path.marker(addon)] = 1;
    s.resources[id] = { addon, op: 'old', private: 0 };
  }
  for (const [i, program] of run.entries()) s.processes[`p${i}`] = { program, log: [] };
  return s;
}

export const alive = (s: State, pid: string): boolean => pid in s.processes;

/** Notes the first thing that is wrong; the explorer stops there. */
export function bad(s: State, why: string): void {
  s.bad ??= why;
}
