import { durable, put } from '../disk.ts';
import { path } from '../files.ts';
import { findHolder } from '../holders.ts';
import { deleteEntry, linesOf, ownerDead, quarantined, unlinkOwner } from '../journal.ts';
import { lockLines, writeLines, writeNames } from '../lines.ts';
import { free, lockOf, take } from '../locks.ts';
import type { AddOperation } from '../operation.ts';
import { syncWhatWasRead } from '../recovery.ts';
import { leaveToPerson, settleAdd } from '../settle-add.ts';
import type { Me } from '../state.ts';
import { BLOCKED, type Steps, step } from '../steps.ts';

/** Settles an add in quarantine as a person says: by the id that it is to have, or as `retry` or `discard`. */
export function* resolve(me: Me, entry: string, how: string): Steps {
  const op = yield* takeOver(me, entry);
  if (!op) return;
  if (yield* hasLine(me, op)) return yield* deleteEntry(me, entry);
  if (how === 'discard') return yield* discard(me, entry, op);
  if (how === 'retry') return yield* retry(me, entry, op);
  yield* adoptFor(me, entry, op, how);
}

/** The pair was nobody else's: an earlier resolve had committed and only its entry is left. */
function* hasLine(me: Me, { ino, addon }: AddOperation): Steps<boolean> {
  const { resolveSeesLine } = me.setting.protocol;
  return resolveSeesLine && (yield* step('a line there?', (s) => linesOf(s, ino).some((line) => line.addon === addon)));
}

/** Whoever settles it owns it, so that a second one waits. */
function* takeOver(me: Me, entry: string): Steps<AddOperation | null> {
  const { resolveUnowned } = me.setting.protocol;
  const op = yield* step(`resolve ${entry}: lock, read`, (s) => {
    const found = s.files[path.gone(entry)] ? undefined : s.files[path.op(entry)];
    if (found?.kind !== 'add') return null;
    if (!take(s, lockOf(s, found), me.pid)) return BLOCKED;
    if (quarantined(s, entry) && (ownerDead(s, entry) || resolveUnowned)) return found;
    free(s, me.pid);
    return null;
  });
  if (!op) return null;
  yield* step('resolve writes owner, unlocks', (s) => {
    if (!resolveUnowned && s.files[path.op(entry)]) s.files[path.owner(entry)] = me.pid;
    if (me.setting.protocol.resolveSync) syncWhatWasRead(s, entry, op);
    free(s, me.pid);
  });
  return op;
}

function* discard(me: Me, entry: string, op: AddOperation): Steps {
  yield* lockLines(me, op);
  yield* step('a person knows', (s) => leaveToPerson(s, entry));
  yield* deleteEntry(me, entry);
}

function* retry(me: Me, entry: string, op: AddOperation): Steps {
  const at = path.quarantine(entry);
  yield* durable(me, 'unlink quarantine', [at], (s) => put(s, at, null));
  yield* settleAdd(me, entry, op, true);
}

/** The id stands in the entry before anybody is asked who holds it: so does an adopt, and one of the two sees the other. */
function* adoptFor(me: Me, entry: string, op: AddOperation, id: string): Steps {
  const known: AddOperation = { ...op, id };
  const write = (now: AddOperation) =>
    durable(me, 'write id into entry', [path.op(entry)], (s) => put(s, path.op(entry), now));
  if (me.setting.protocol.resolveSaysId) yield* write(known);
  const holder = yield* findHolder(me, entry, known, id);
  if (holder && holder !== 'own line') {
    if (me.setting.protocol.resolveSaysId) yield* write(op);
    return yield* unlinkOwner(entry);
  }
  const seen = yield* lockLines(me, op);
  const secret = yield* step('the person says private', (s) => s.resources[id]?.private ?? null);
  if (seen && secret !== null && !holder) {
    yield* writeNames(me, op.ino, op.addon, true);
    yield* writeLines(me, 'append line', op.ino, [...seen.lines, { addon: op.addon, id, private: secret }]);
  }
  yield* step('a person knows', (s) => leaveToPerson(s, entry));
  yield* deleteEntry(me, entry);
}
