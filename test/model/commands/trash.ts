import type { TrashRecord } from '../files.ts';
import { path } from '../files.ts';
import { entries, records, type Trashed, writeEntry } from '../journal.ts';
import { appLock, free, take } from '../locks.ts';
import type { TrashOperation } from '../operation.ts';
import { isRecoverable, recover } from '../recovery.ts';
import { settleEmpty } from '../settle-empty.ts';
import { settleUndo } from '../settle-undo.ts';
import type { Me, State } from '../state.ts';
import { BLOCKED, type Steps, step } from '../steps.ts';
import { begin, concerns } from './begin.ts';

/** Brings back what was last put in the trash for the app, or for one of its name that is gone. */
export function* undo(me: Me, app: string, addon: string): Steps {
  const begun = yield* begin(me, app, addon, { line: false });
  if (!begun) return;
  const found = yield* step('find trash record', (s) => {
    const record = recordOf(s, app, begun.ino, addon);
    if (!record) free(s, me.pid);
    return record;
  });
  if (!found) return;
  const { operation: trashed, id } = found;
  const op: TrashOperation = { kind: 'undo', app, ino: begun.ino, addon, id, trashed };
  yield* writeEntry(me, me.pid, op);
  yield* settleUndo(me, me.pid, op);
}

function recordOf(s: State, app: string, ino: number, addon: string): { operation: string; id: string } | null {
  const all = records(s).filter(({ record }) => record.addon === addon);
  const own = all.findLast(({ record }) => record.ino === ino);
  const orphaned = all.findLast(({ record }) => record.app === app && !(path.addons(record.ino) in s.files));
  const found = own ?? orphaned;
  return found ? { operation: found.operation, id: found.record.id } : null;
}

/** Destroys what is in the trash, each record its own operation. */
export function* empty(me: Me): Steps {
  const all = yield* step('read trash', (s) => records(s));
  for (const [n, found] of all.entries()) yield* emptyOne(me, found, n ? `${me.pid}e${n}` : me.pid);
}

/** The app may be gone: its lock is that of the directory that the record named when it was found. */
export function* emptyOne(me: Me, { operation: trashed, record }: Trashed, entry: string): Steps {
  for (let n = 1; n <= 2; n++) {
    const begun = yield* beginOnRecord(me, trashed, record);
    if (!begun) return;
    if (begun !== 'begin') {
      yield* recover(me, begun.other);
      continue;
    }
    const { app, ino, addon, id } = record;
    const op: TrashOperation = { kind: 'empty', app, ino, addon, id, trashed };
    yield* writeEntry(me, entry, op);
    return yield* settleEmpty(me, entry, op);
  }
}

const beginOnRecord = (me: Me, trashed: string, record: TrashRecord): Steps<'begin' | { other: string } | null> =>
  step('lock, read record and journal', (s) => {
    if (!take(s, appLock(s, record), me.pid)) return BLOCKED;
    const other = entries(s).find(({ op }) => concerns(s, op, record))?.entry;
    if (!other && path.trash(trashed) in s.files) return 'begin';
    free(s, me.pid);
    return other && isRecoverable(s, other) ? { other } : null;
  });
