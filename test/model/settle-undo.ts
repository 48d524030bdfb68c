import { durable, put } from './disk.ts';
import { path } from './files.ts';
import { gate } from './gate.ts';
import { findHolder } from './holders.ts';
import { deleteEntry, linesOf } from './journal.ts';
import { lockLines, writeLines, writeNames } from './lines.ts';
import type { TrashOperation } from './operation.ts';
import type { Me } from './state.ts';
import { type Steps, step } from './steps.ts';

/**
 * Brings a resource back from the trash: line first, record last.
 *
 * Only its own line proves that an undo ever passed the looks that may make it withdraw; without it recovery looks again.
 */
export function* settleUndo(me: Me, entry: string, op: TrashOperation, recovered = false): Steps {
  const { undoLooksAgain, undoUngated } = me.setting.protocol;
  const begun = yield* step('undo: its line there?', (s) => linesOf(s, op.ino).some((line) => line.id === op.id));
  if (!begun && (!recovered || undoLooksAgain)) {
    if (!undoUngated && !(yield* gate(me, op.addon))) return yield* withdraw(me, entry, op);
    if (yield* findHolder(me, entry, op, op.id)) return yield* withdraw(me, entry, op);
  }
  yield* commit(me, entry, op);
}

/** One lock hold. Without the app, or without the record, there is nothing to do. */
function* commit(me: Me, entry: string, op: TrashOperation): Steps {
  const { undoRecordFirst } = me.setting.protocol;
  const seen = yield* lockLines(me, op);
  const record = yield* step('read trash record', (s) => s.files[path.trash(op.trashed)] ?? null);
  if (seen && record) {
    if (undoRecordFirst) yield* dropRecord(me, op);
    yield* writeNames(me, op.ino, op.addon, record.named);
    const { addon, id, private: secret } = record;
    const there = seen.lines.some((line) => line.id === id);
    const written =
      there || (yield* writeLines(me, 'append line', op.ino, [...seen.lines, { addon, id, private: secret }]));
    if (written) yield* dropRecord(me, op);
  }
  yield* deleteEntry(me, entry);
}

/** What an attempt before may have written of it goes with it. */
function* withdraw(me: Me, entry: string, op: TrashOperation): Steps {
  if (me.setting.names) {
    const seen = yield* lockLines(me, op);
    if (seen?.named) yield* writeNames(me, op.ino, op.addon, false);
  }
  yield* deleteEntry(me, entry);
}

export const dropRecord = (me: Me, { trashed }: TrashOperation): Steps =>
  durable(me, 'delete trash record', [path.trash(trashed)], (s) => put(s, path.trash(trashed), null));
