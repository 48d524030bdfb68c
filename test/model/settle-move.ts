import type { Line } from './files.ts';
import { noDisable } from './gate.ts';
import { inEntry } from './holders.ts';
import { deleteEntry } from './journal.ts';
import { dropVariables, seenIn, without, writeLines, writeNames } from './lines.ts';
import { appLock, take } from './locks.ts';
import type { MoveOperation } from './operation.ts';
import type { Me, State } from './state.ts';
import { BLOCKED, type Steps, step } from './steps.ts';

export function* settleMove(me: Me, entry: string, op: MoveOperation): Steps {
  yield* lockApps(me, op, op.to);
  yield* commitMove(me, entry, op, true);
}

/** Always in the same order: nobody waits for somebody who waits for him. */
export function* lockApps(me: Me, ...apps: { app: string; ino: number }[]): Steps {
  const inOrder = me.setting.protocol.locksBySide ? apps : [...apps].sort((a, b) => a.ino - b.ino);
  for (const app of inOrder) {
    yield* step(`lock d${app.ino}`, (s) => (take(s, appLock(s, app), me.pid) ? null : BLOCKED));
  }
}

/**
 * Under both locks, until the entry is deleted: the line is in the target before it leaves the source.
 *
 * Only the target's line proves that a move ever passed the looks that may make it withdraw; without it recovery looks again.
 */
export function* commitMove(me: Me, entry: string, op: MoveOperation, recovered = false): Steps {
  const { to, ino, addon, id } = op;
  const { dropFirst, sourceCleared } = me.setting.protocol;
  const { source, target } = yield* step('read both ADDONS', (s) => bothIn(s, op));
  const line = source?.lines.find(isIt(op));
  const arrived = target?.lines.some(isIt(op)) ?? false;
  if (line && target && !arrived && (yield* mayMove(me, entry, op, recovered))) {
    if (dropFirst) yield* leave();
    yield* writeNames(me, to.ino, addon, source?.named ?? false);
    const written = yield* writeLines(me, 'append line', to.ino, [...target.lines, line]);
    if (written) yield* leave();
  } else if (arrived || (source && !line && sourceCleared)) {
    yield* leave();
  } else if (target?.named) {
    yield* writeNames(me, to.ino, addon, false);
  }
  yield* deleteEntry(me, entry);

  function* leave(): Steps {
    yield* writeLines(me, 'drop line', ino, without(source?.lines ?? [], addon, id));
    yield* dropVariables(me, ino, addon);
  }
}

const isIt =
  ({ addon, id }: MoveOperation) =>
  (line: Line): boolean =>
    line.addon === addon && line.id === id;

/** Nobody disables the add-on, and nobody looks for the holder of the id: such a one could miss a line that changes its place. */
function* mayMove(me: Me, entry: string, op: MoveOperation, recovered: boolean): Steps<boolean> {
  const { moveUngated, moveLooksAgain } = me.setting.protocol;
  if (moveUngated || (recovered && !moveLooksAgain)) return true;
  if (!(yield* noDisable(op.addon))) return false;
  return !(yield* step('does another entry name it?', (s) => inEntry(s, entry, op.addon, op.id)));
}

const bothIn = (s: State, op: MoveOperation) => ({
  source: seenIn(s, op.ino, op.addon),
  target: seenIn(s, op.to.ino, op.addon),
});
