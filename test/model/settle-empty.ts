import { path } from './files.ts';
import { findHolder } from './holders.ts';
import { deleteEntry, runs } from './journal.ts';
import { judgeLast } from './judge.ts';
import { lockOf, take } from './locks.ts';
import type { TrashOperation } from './operation.ts';
import { dropRecord } from './settle-undo.ts';
import type { Me } from './state.ts';
import { BLOCKED, type Steps, step } from './steps.ts';
import { run } from './wrapper.ts';

/** Destroys what the trash holds. Once its script has started there is no way back; before, it looks whose the resource is. */
export function* settleEmpty(me: Me, entry: string, op: TrashOperation, recovered = false): Steps {
  for (;;) {
    const verdict = yield* step('judge empty', (s) => judgeLast(s, entry));
    if (verdict.todo === 'look again') continue;
    if (verdict.todo === 'commit') return yield* forgetRecord(me, entry, op);
    if (verdict.todo === 'failed') return yield* deleteEntry(me, entry);
    const looks = !recovered || me.setting.protocol.emptyLooksAgain;
    const fate = looks ? yield* whose(me, entry, op) : 'ours';
    if (fate === 'not ours') return yield* deleteEntry(me, entry);
    if (fate === 'only forget') return yield* forgetRecord(me, entry, op);
    yield* run(me, entry, op, 'unprovision', op.id);
  }
}

/** The record last: an undo that ended meanwhile took it away, and what became of the resource since is not ours. */
function* whose(me: Me, entry: string, op: TrashOperation): Steps<'ours' | 'not ours' | 'only forget'> {
  const { emptyBlind, recordAgain, keptForgotten } = me.setting.protocol;
  const begun = yield* step('begun?', (s) => runs(s, entry).some((one) => one.pid === 'wrapper'));
  if (begun) return 'ours';
  const holder = emptyBlind ? null : yield* findHolder(me, entry, op, op.id);
  const void_ = holder === 'line' || holder === 'own line';
  if (holder && !void_) return 'not ours';
  return yield* step('read trash record, kept?', (s) => {
    if (recordAgain && !(path.trash(op.trashed) in s.files)) return 'not ours';
    const spared = void_ || (path.kept(op.id) in s.files && !keptForgotten);
    return spared ? 'only forget' : 'ours';
  });
}

/** The record before the entry: a record always has its resource. */
function* forgetRecord(me: Me, entry: string, op: TrashOperation): Steps {
  if (me.setting.protocol.emptyEntryFirst) yield* deleteEntry(me, entry);
  yield* step('lock', (s) => (take(s, lockOf(s, op), me.pid) ? null : BLOCKED));
  yield* dropRecord(me, op);
  yield* deleteEntry(me, entry);
}
