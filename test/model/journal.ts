import { durable, erase, put } from './disk.ts';
import { below, type Line, path, pathsOf, type TrashRecord } from './files.ts';
import { type Output, type ScriptName, wrapperPid } from './job.ts';
import { free } from './locks.ts';
import type { Operation } from './operation.ts';
import { alive, type Me, type State } from './state.ts';
import { type Steps, step } from './steps.ts';

/** Entries by name with their operation; what was renamed to `tmp.*` is none. */
export const entries = (s: State): { entry: string; op: Operation }[] =>
  pathsOf(s.files).flatMap((at) => {
    const entry = at.endsWith('/op') ? at.slice(2, -3) : '';
    const op = s.files[path.op(entry)];
    return op && !s.files[path.gone(entry)] ? [{ entry, op }] : [];
  });

export interface Run {
  n: number;
  script: ScriptName;
  arg: string | null;
  pid: 'wrapper' | 'void' | undefined;
  out: Output | undefined;
  exit: number | undefined;
}

export function runs(s: State, entry: string): Run[] {
  const found: Run[] = [];
  for (let n = 1; ; n++) {
    const begun = s.files[path.run(entry, n)];
    if (!begun) return found;
    const { [path.pid(entry, n)]: pid, [path.out(entry, n)]: out, [path.exit(entry, n)]: exit } = s.files;
    found.push({ n, ...begun, pid, out, exit });
  }
}

/** No owner, or one that is dead: recovery may take the entry. */
export const ownerDead = (s: State, entry: string): boolean => !alive(s, s.files[path.owner(entry)] ?? '-');

export const quarantined = (s: State, entry: string): boolean => path.quarantine(entry) in s.files;

/** Any process of the run's group lives, not only its wrapper. */
export function groupAlive(s: State, entry: string, n: number): boolean {
  const group = s.processes[wrapperPid(entry, n)];
  return group !== undefined && !(s.setting.protocol.wrapperIsAlive && group.orphan);
}

export const linesOf = (s: State, ino: number): Line[] => s.files[path.addons(ino)] ?? [];

/** Inodes of the app directories. */
export const appDirs = (s: State): number[] =>
  pathsOf(s.files).flatMap((at) => (at.endsWith('/ADDONS') ? [Number(at.slice(1, -'/ADDONS'.length))] : []));

export interface Trashed {
  operation: string;
  record: TrashRecord;
}

/** What is in the trash, by the operation that put it there. */
export const records = (s: State): Trashed[] =>
  pathsOf(s.files).flatMap((at) => {
    const operation = at.startsWith('trash/') ? at.slice('trash/'.length) : '';
    const record = s.files[path.trash(operation)];
    return record ? [{ operation, record }] : [];
  });

/** Under the lock that the caller took, which is released unless it is to be held. */
export function* writeEntry(me: Me, entry: string, op: Operation, { hold = false } = {}): Steps {
  yield* durable(
    me,
    `write entry ${op.kind}`,
    [path.op(entry)],
    (s) => {
      put(s, path.op(entry), op);
      s.files[path.owner(entry)] = me.pid;
    },
    { after: (s) => (hold ? undefined : free(s, me.pid)) },
  );
}

/** Rename to `tmp.*`, sync, remove: no order of unlinks leaves a half entry that means something else. */
export function* deleteEntry(me: Me, entry: string): Steps {
  if (me.setting.protocol.exitFirst) yield* unlinkExitFirst(entry);
  yield* durable(me, 'delete entry', [], (s) => put(s, path.gone(entry), 1), {
    after: (s) => {
      erase(s, below.entry(entry));
      free(s, me.pid);
    },
  });
}

export function* quarantine(me: Me, entry: string): Steps {
  yield* durable(me, 'quarantine', [path.quarantine(entry)], (s) => put(s, path.quarantine(entry), 'add'), {
    after: (s) => {
      delete s.files[path.owner(entry)];
      free(s, me.pid);
    },
  });
}

/** Leaves the entry to the next recovery. */
export function* unlinkOwner(entry: string): Steps {
  yield* step('give up: unlink owner', (s) => {
    delete s.files[path.owner(entry)];
  });
}

function* unlinkExitFirst(entry: string): Steps {
  yield* step('unlink exit', (s) => {
    for (const { n } of runs(s, entry)) delete s.files[path.exit(entry, n)];
  });
  yield* step('unlink out, pid', (s) => {
    for (const { n } of runs(s, entry)) {
      delete s.files[path.out(entry, n)];
      delete s.files[path.pid(entry, n)];
    }
  });
}
