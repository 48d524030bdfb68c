import { durable, put } from './disk.ts';
import { type Line, path } from './files.ts';
import { deleteEntry, linesOf, quarantine, runs, unlinkOwner } from './journal.ts';
import { type AddVerdict, holderOf, judgeAdd, resultOf } from './judge.ts';
import { appLock, free, take } from './locks.ts';
import type { AddOperation } from './operation.ts';
import type { Me } from './state.ts';
import { BLOCKED, type Blocked, type Steps, step } from './steps.ts';
import { run } from './wrapper.ts';

/** How every add ends, in the command itself as in recovery: judge, do what the verdict says, judge again. */
export function* settleAdd(me: Me, entry: string, op: AddOperation): Steps {
  for (;;) {
    const verdict = yield* step('judge add', (s) => judgeAdd(s, entry, op));
    if (verdict.todo === 'look again') continue;
    if (verdict.todo === 'delete') return yield* deleteEntry(me, entry);
    if (verdict.todo === 'quarantine') return yield* quarantine(me, entry);
    if (verdict.todo === 'provision again') {
      yield* run(me, entry, op, 'provision', op.app);
      continue;
    }
    if (verdict.todo === 'commit') {
      const committed = yield* commit(me, entry, op, verdict);
      if (committed === 'committed') return yield* deleteEntry(me, entry);
      if (committed === 'look again') continue;
    }
    yield* run(me, entry, op, 'unprovision', verdict.id);
    const failed = yield* step('unprovision failed?', (s) => {
      const last = runs(s, entry).at(-1);
      return last !== undefined && resultOf(s, last) === 'failed';
    });
    if (failed) return yield* unlinkOwner(entry);
  }
}

type Commit = Extract<AddVerdict, { todo: 'commit' }>;

/** Appends the line under the app lock, which stays held when it did. */
function* commit(
  me: Me,
  entry: string,
  op: AddOperation,
  { id, private: secret }: Commit,
): Steps<'committed' | 'look again' | 'app gone'> {
  const addons = path.addons(op.ino);
  const before = yield* step('lock, read ADDONS', (s): { lines: Line[] } | 'app gone' | 'look again' | Blocked => {
    if (!take(s, appLock(s, op), me.pid)) return BLOCKED;
    const exists = addons in s.files;
    if (exists && !holderOf(s, op, entry, id)) return { lines: linesOf(s, op.ino) };
    free(s, me.pid);
    return exists ? 'look again' : 'app gone';
  });
  if (typeof before === 'string') return before;
  if (me.setting.protocol.entryBeforeLine) yield* deleteEntry(me, entry);
  return yield* durable(me, 'append line', [addons], (s) => {
    if (!s.files[addons]) return 'app gone'; // since: the rename into it fails
    put(s, addons, [...before.lines, { addon: op.addon, id, private: secret }]);
    return 'committed';
  });
}
