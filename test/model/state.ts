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
  /** The id of the resource whose data it has. */
  data?: string;
}

/** What only the invariants read: things that happened and left no trace on disk. */
export interface Ghost {
  [last: `last ${string}`]: 'enable' | 'enable that failed' | 'disable';
  /** The resource's app was deleted behind our back, or a person said that it is his own business. */
  [abandoned: `abandoned ${string}`]: 1;
  /** `rotate` of it failed, after an attempt of unknown result perhaps, and the user was told. */
  [unsure: `unsure ${string}`]: 1;
  /** `unprovision` of it failed and the user was told. */
  [reported: `reported ${string}`]: 1;
  /** `remove --forget` told us to forget it. */
  [forgotten: `forgotten ${string}`]: 1;
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
  const { apps, off, has, trash, outside, kept, names, quarantined, run, crashes, fails } = setting;
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
  for (const [operation, app, ino, addon, id] of trash) {
    s.files[path.trash(operation)] = { app, ino, addon, id, private: 0, named: names };
    s.resources[id] = { addon, op: 'old', private: 0 };
  }
  for (const id of outside) {
    s.resources[id] = { addon: 'db', op: 'old', private: 0 };
    s.ghost[`abandoned ${id}`] = 1;
  }
  for (const id of kept) s.files[path.kept(id)] = 1;
  if (names) for (const [ino, addon] of has) s.files[path.names(ino)] = [addon];
  if (quarantined !== 'no') putInQuarantine(s, quarantined);
  for (const [i, program] of run.entries()) s.processes[`p${i}`] = { program, log: [] };
  return s;
}

function putInQuarantine(s: State, why: 'unknown' | 'held'): void {
  s.files[path.op('q')] = { kind: 'add', app: 'a', ino: s.setting.apps.a ?? 1, addon: 'db' };
  s.files[path.quarantine('q')] = 'add';
  s.files[path.run('q', 1)] = { script: 'provision', arg: 'a' };
  s.files[path.pid('q', 1)] = 'wrapper';
  if (why === 'held') {
    s.files[path.out('q', 1)] = { id: '#x', private: 0 };
    s.files[path.exit('q', 1)] = 1;
    s.files[path.run('q', 2)] = { script: 'unprovision', arg: '#x' };
    s.files[path.pid('q', 2)] = 'wrapper';
    s.files[path.exit('q', 2)] = 1;
    return;
  }
  s.resources['#q.1'] = { addon: 'db', op: 'q', private: 0 };
}

export const alive = (s: State, pid: string): boolean => pid in s.processes;

/** Notes the first thing that is wrong; the explorer stops there. */
export function bad(s: State, why: string): void {
  s.bad ??= why;
}
