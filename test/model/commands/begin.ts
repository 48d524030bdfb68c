import type { Line } from '../files.ts';
import { entries, linesOf } from '../journal.ts';
import { appLock, free, take } from '../locks.ts';
import { isAbout, type Operation, ofApp } from '../operation.ts';
import { isRecoverable, recover } from '../recovery.ts';
import type { Me, State } from '../state.ts';
import { BLOCKED, type Steps, startAgain, step } from '../steps.ts';

interface Begun {
  ino: number;
  line: Line | null;
}
interface Wish {
  /** The line must be there, or must not be. */
  line: boolean;
  /** Start again after the recovery of an entry that was in the way, default true. */
  again?: boolean;
}

/** Takes the app lock and keeps it if nothing is in the way: the line as wished, and no entry for app and add-on. */
export function* begin(me: Me, app: string, addon: string, { line: wanted, again = true }: Wish): Steps<Begun | null> {
  const found = yield* step(`lock ${app}, read ADDONS and journal`, (s) => {
    const ino = s.apps[app];
    if (!ino) return null;
    if (!take(s, appLock(s, { app, ino }), me.pid)) return BLOCKED;
    const line = linesOf(s, ino).find((x) => x.addon === addon) ?? null;
    const other = entries(s).find(({ op }) => concerns(s, op, { app, ino, addon }))?.entry;
    if (!other && (line !== null) === wanted) return { ino, line };
    free(s, me.pid);
    return other && isRecoverable(s, other) ? { other } : null;
  });
  if (!found || !('other' in found)) return found;
  yield* recover(me, found.other);
  return again ? yield* startAgain() : null;
}

export function concerns(
  s: State,
  op: Operation,
  { app, ino, addon }: { app: string; ino: number; addon: string },
): boolean {
  const { inodeKey, moveBlind } = s.setting.protocol;
  if (!inodeKey) return ofApp(op) && op.addon === addon && op.app === app;
  return isAbout(op, ino, addon) && !(moveBlind && op.kind === 'move' && op.ino !== ino);
}
