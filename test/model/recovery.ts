import { sync } from './disk.ts';
import { below, path, pathsOf } from './files.ts';
import { entries, ownerDead, quarantined } from './journal.ts';
import { free, lockOf, take } from './locks.ts';
import { type Operation, ofApp } from './operation.ts';
import { settle } from './settle.ts';
import type { Me, State } from './state.ts';
import { BLOCKED, type Steps, startAgain, step } from './steps.ts';

/** Takes over one entry, if its owner is still dead under the lock, and settles it. */
export function* recover(me: Me, entry: string): Steps {
  const op = yield* step(`recovery of ${entry}: lock, read`, (s) => {
    const found = s.files[path.gone(entry)] ? undefined : s.files[path.op(entry)];
    if (!found) return null;
    if (!take(s, lockOf(s, found), me.pid)) return BLOCKED;
    if (s.setting.protocol.noReread || isRecoverable(s, entry)) return found;
    free(s, me.pid);
    return null;
  });
  if (!op) return;
  yield* step('recovery writes owner, unlocks', (s) => {
    if (s.files[path.op(entry)]) s.files[path.owner(entry)] = me.pid;
    if (s.setting.protocol.recoverySync) syncWhatWasRead(s, entry, op);
    free(s, me.pid);
  });
  yield* settle(me, entry, op);
}

/** What every later command amounts to: settles entries until none is left that it may settle. */
export function* recoverAll(me: Me): Steps {
  const found = yield* step('find a dead entry', (s) => {
    const dead = entries(s).find(({ entry }) => isRecoverable(s, entry));
    return dead ? dead.entry : null;
  });
  if (!found) return;
  yield* recover(me, found);
  yield* startAgain();
}

/** Decided on an earlier look, like a second recoverer. */
export function* recoverOne(me: Me, entry: string): Steps {
  yield* step(`sees ${entry} dead`, (s) => (entry in s.processes ? BLOCKED : null));
  yield* recover(me, entry);
}

export const isRecoverable = (s: State, entry: string): boolean => ownerDead(s, entry) && !quarantined(s, entry);

/** Nothing counts as already done before it is sure to last. */
export function syncWhatWasRead(s: State, entry: string, op: Operation): void {
  for (const at of pathsOf(s.unsynced)) {
    if (at.startsWith(below.entry(entry)) || inPlaces(s, at, op)) sync(s, at);
  }
}

/** The app of the operation, and both where it is a move; the trash where it is about that. */
function inPlaces(s: State, at: string, op: Operation): boolean {
  if (!ofApp(op)) return false;
  const { trashSync, targetSync } = s.setting.protocol;
  if (op.kind === 'move' && targetSync && at.startsWith(below.app(op.to.ino))) return true;
  return at.startsWith(below.app(op.ino)) || ('trashed' in op && trashSync && at === path.trash(op.trashed));
}
