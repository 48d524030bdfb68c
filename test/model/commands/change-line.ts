import { writeEntry } from '../journal.ts';
import type { LineOperation } from '../operation.ts';
import { settle } from '../settle.ts';
import type { Me } from '../state.ts';
import type { Steps } from '../steps.ts';
import { run } from '../wrapper.ts';
import { begin } from './begin.ts';

/** `entry` is another name than the command's own where disable removes. */
export function* remove(me: Me, app: string, addon: string, entry: string = me.pid): Steps {
  const begun = yield* begin(me, app, addon, { line: true, again: entry === me.pid });
  if (!begun?.line) return;
  const op: LineOperation = { kind: 'remove', app, ino: begun.ino, addon, id: begun.line.id };
  yield* writeEntry(me, entry, op);
  yield* run(me, entry, op, 'unprovision', op.id);
  yield* settle(me, entry, op);
}

export function* rotate(me: Me, app: string, addon: string): Steps {
  const begun = yield* begin(me, app, addon, { line: true });
  if (!begun?.line) return;
  const op: LineOperation = { kind: 'rotate', app, ino: begun.ino, addon, id: begun.line.id };
  yield* writeEntry(me, me.pid, op);
  yield* run(me, me.pid, op, 'rotate', op.id);
  yield* settle(me, me.pid, op);
}
