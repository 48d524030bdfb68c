import { gate } from '../gate.ts';
import { deleteEntry, linesOf, writeEntry } from '../journal.ts';
import type { AddOperation } from '../operation.ts';
import { settleAdd } from '../settle-add.ts';
import type { Me } from '../state.ts';
import { type Steps, step } from '../steps.ts';
import { run } from '../wrapper.ts';
import { begin } from './begin.ts';

export function* add(me: Me, app: string, addon: string, copyOf?: AddOperation['copyOf']): Steps {
  const { gateBeforeEntry } = me.setting.protocol;
  if (gateBeforeEntry && !(yield* gate(me, addon))) return;
  const begun = yield* begin(me, app, addon, { line: false });
  if (!begun) return;
  const op: AddOperation = { kind: 'add', app, ino: begun.ino, addon, ...(copyOf && { copyOf }) };
  yield* writeEntry(me, me.pid, op);
  if (!gateBeforeEntry && !(yield* gate(me, addon))) return yield* deleteEntry(me, me.pid);
  yield* run(me, me.pid, op, 'provision', app);
  yield* settleAdd(me, me.pid, op);
}

/** An add whose resource gets the data of another app's before it gets its line. */
export function* clone(me: Me, app: string, addon: string, source: string): Steps {
  const copyOf = yield* step(`read ADDONS of ${source}`, (s) => {
    const ino = s.apps[source] ?? 0;
    const line = linesOf(s, ino).find((x) => x.addon === addon);
    return line ? { ino, id: line.id } : null;
  });
  if (copyOf) yield* add(me, app, addon, copyOf);
}
