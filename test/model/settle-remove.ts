import { durable, put } from './disk.ts';
import { path, type TrashRecord } from './files.ts';
import { deleteEntry } from './journal.ts';
import { dropVariables, lockLines, without, writeLines } from './lines.ts';
import type { LineOperation } from './operation.ts';
import { settleRepeatable } from './settle-repeatable.ts';
import type { Me } from './state.ts';
import type { Steps } from './steps.ts';

/** One that spares its resource runs no script and goes forward. */
export function* settleRemove(me: Me, entry: string, op: LineOperation): Steps {
  if (!op.spare || me.setting.protocol.spareForgotten) {
    return yield* settleRepeatable(me, entry, op, 'unprovision', () => commitRemove(me, entry, op));
  }
  yield* commitRemove(me, entry, op);
  yield* deleteEntry(me, entry);
}

/** Each step does no harm when it is done again. The lock stays held, if the app is there. */
function* commitRemove(me: Me, entry: string, op: LineOperation): Steps {
  const { recordAfterLine } = me.setting.protocol;
  const seen = yield* lockLines(me, op);
  if (!seen) return;
  const { lines, named } = seen;
  const line = lines.find((x) => x.addon === op.addon && x.id === op.id);
  const record = line && op.spare === 'trash' ? { ...line, app: op.app, ino: op.ino, named } : null;
  if (record && !recordAfterLine) yield* writeRecord(me, entry, record);
  yield* writeLines(me, 'drop line', op.ino, without(lines, op.addon, op.id), (s) => {
    if (op.spare === 'forget') s.ghost[`forgotten ${op.id}`] = 1;
  });
  if (record && recordAfterLine) yield* writeRecord(me, entry, record);
  yield* dropVariables(me, op.ino, op.addon);
}

const writeRecord = (me: Me, operation: string, record: TrashRecord): Steps =>
  durable(me, 'write trash record', [path.trash(operation)], (s) => put(s, path.trash(operation), record));
