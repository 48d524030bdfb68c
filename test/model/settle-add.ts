import { type Line, path } from './files.ts';
import { findHolder, holderOf } from './holders.ts';
import { deleteEntry, linesOf, quarantine, runs, unlinkOwner } from './journal.ts';
import { type AddVerdict, judgeAdd, resultOf, toldId } from './judge.ts';
import { writeLines, writeNames } from './lines.ts';
import { appLock, free, take } from './locks.ts';
import type { AddOperation } from './operation.ts';
import { copyData, isCopied } from './settle-copy.ts';
import type { Me, State } from './state.ts';
import { BLOCKED, type Blocked, type Steps, step } from './steps.ts';
import { run } from './wrapper.ts';

/**
 * How every add ends, in the command itself as in recovery: judge, do what the verdict says, judge again.
 *
 * `retry`: a person wants what would be set aside to be provisioned again, once.
 */
export function* settleAdd(me: Me, entry: string, op: AddOperation, retry = false): Steps {
  for (let mayRetry = retry; ; ) {
    const verdict = yield* judge(me, entry, op);
    if (verdict.todo === 'look again') continue;
    if (verdict.todo === 'delete') return yield* deleteEntry(me, entry);
    if (verdict.todo === 'quarantine' && !(mayRetry && (yield* toldNothing(entry))))
      return yield* quarantine(me, entry);
    if (verdict.todo === 'quarantine' || verdict.todo === 'provision again') {
      mayRetry = false;
      yield* run(me, entry, op, 'provision', op.app);
      continue;
    }
    if (verdict.todo === 'commit') {
      const copied = yield* copyIfWanted(me, entry, op, verdict.id);
      if (copied === 'look again') continue;
      if (copied === 'copied') {
        const committed = yield* commit(me, entry, op, verdict);
        if (committed === 'committed') return yield* end(me, entry, op, verdict.id);
        if (committed === 'look again') continue;
      }
    }
    yield* run(me, entry, op, 'unprovision', verdict.id);
    const failed = yield* step('unprovision failed?', (s) => {
      const last = runs(s, entry).at(-1);
      return last !== undefined && resultOf(s, last) === 'failed';
    });
    if (failed) return yield* unlinkOwner(entry);
  }
}

function* judge(me: Me, entry: string, op: AddOperation): Steps<AddVerdict> {
  if (!me.setting.apart) return yield* step('judge add', (s) => judgeAdd(s, entry, op));
  const { id } = yield* step('wait for the script', (s) => toldId(s, entry));
  const holder = id === null ? null : yield* findHolder(me, entry, op, id);
  return yield* step('judge add', (s) => judgeAdd(s, entry, op, holder));
}

/** Only then may `provision` run again; a person takes upon himself what the attempts before may have made. */
const toldNothing = (entry: string): Steps<boolean> =>
  step('retry: told of nothing?', (s) => {
    const told = runs(s, entry).some(({ script, out }) => script !== 'provision' || out);
    if (told && !s.setting.protocol.retryAnything) return false;
    leaveToPerson(s, entry);
    return true;
  });

export function leaveToPerson(s: State, entry: string): void {
  for (const [id, { op }] of Object.entries(s.resources)) if (op === entry) s.ghost[`abandoned ${id}`] = 1;
}

function* copyIfWanted(
  me: Me,
  entry: string,
  op: AddOperation,
  id: string,
): Steps<'copied' | 'look again' | 'cannot be'> {
  if (!op.copyOf || me.setting.protocol.copyAfterLine) return 'copied';
  const copied = yield* step('copied?', (s) => isCopied(s, entry, id));
  if (copied === 'failed') return 'cannot be';
  if (copied === 'done') return 'copied';
  return (yield* copyData(me, entry, op, id)) ? 'look again' : 'cannot be';
}

function* end(me: Me, entry: string, op: AddOperation, id: string): Steps {
  const late = op.copyOf && me.setting.protocol.copyAfterLine;
  if (late) yield* step('unlock', (s) => free(s, me.pid));
  if (late) yield* copyData(me, entry, op, id);
  yield* deleteEntry(me, entry);
}

type Commit = Extract<AddVerdict, { todo: 'commit' }>;

/** Appends the line under the app lock, which stays held when it did. */
function* commit(
  me: Me,
  entry: string,
  op: AddOperation,
  { id, private: secret }: Commit,
): Steps<'committed' | 'look again' | 'app gone'> {
  const { apart } = me.setting;
  const lines = yield* step('lock, read ADDONS', (s): Line[] | 'app gone' | 'look again' | Blocked => {
    if (!take(s, appLock(s, op), me.pid)) return BLOCKED;
    const exists = path.addons(op.ino) in s.files;
    if (exists && (apart || !holderOf(s, op, entry, id))) return linesOf(s, op.ino);
    free(s, me.pid);
    return exists ? 'look again' : 'app gone';
  });
  if (typeof lines === 'string') return lines;
  if (apart && (yield* findHolder(me, entry, op, id))) {
    yield* step('unlock', (s) => free(s, me.pid));
    return 'look again';
  }
  if (me.setting.protocol.entryBeforeLine) yield* deleteEntry(me, entry);
  yield* writeNames(me, op.ino, op.addon, true);
  const line = { addon: op.addon, id, private: secret };
  return (yield* writeLines(me, 'append line', op.ino, [...lines, line])) ? 'committed' : 'app gone';
}
