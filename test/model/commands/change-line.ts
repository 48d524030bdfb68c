import { path } from '../files.ts';
import { writeEntry } from '../journal.ts';
import type { LineOperation } from '../operation.ts';
import { settle } from '../settle.ts';
import type { Me } from '../state.ts';
import { type Steps, step } from '../steps.ts';
import { run } from '../wrapper.ts';
import { begin } from './begin.ts';

interface How {
  /** Runs no script. */
  spare?: 'forget' | 'trash' | undefined;
  /** Another name than the command's own where disable removes. */
  entry?: string;
}

export function* remove(me: Me, app: string, addon: string, { spare, entry = me.pid }: How = {}): Steps {
  const begun = yield* begin(me, app, addon, { line: true, again: entry === me.pid });
  if (!begun?.line) return;
  const { id } = begun.line;
  const way = spare ?? ((yield* isKept(me, id)) ? 'kept' : undefined);
  const op: LineOperation = { kind: 'remove', app, ino: begun.ino, addon, id, ...(way && { spare: way }) };
  yield* writeEntry(me, entry, op);
  if (!way) yield* run(me, entry, op, 'unprovision', id);
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

function* isKept(me: Me, id: string): Steps<boolean> {
  return me.setting.marks && (yield* step('kept?', (s) => path.kept(id) in s.files));
}
