import { path } from '../files.ts';
import { deleteEntry, entries, ownerDead, writeEntry } from '../journal.ts';
import type { AddOperation } from '../operation.ts';
import { settleAdd } from '../settle-add.ts';
import type { Me } from '../state.ts';
import { type Steps, step } from '../steps.ts';
import { run } from '../wrapper.ts';
import { begin } from './begin.ts';

export function* add(me: Me, app: string, addon: string): Steps {
  const { gateBeforeEntry } = me.setting.protocol;
  if (gateBeforeEntry && !(yield* gate(me, addon))) return;
  const begun = yield* begin(me, app, addon, { line: false });
  if (!begun) return;
  const op: AddOperation = { kind: 'add', app, ino: begun.ino, addon };
  yield* writeEntry(me, me.pid, op);
  if (!gateBeforeEntry && !(yield* gate(me, addon))) return yield* deleteEntry(me, me.pid);
  yield* run(me, me.pid, op, 'provision', app);
  yield* settleAdd(me, me.pid, op);
}

/** Add withdraws from a disable; both write before they read, so that one always sees the other. */
function* gate(me: Me, addon: string): Steps<boolean> {
  const { gateOrder } = me.setting.protocol;
  const [first, second] = gateOrder ? [noDisable, enabled] : [enabled, noDisable];
  return (yield* first(addon)) && (yield* second(addon));
}

const noDisable = (_addon: string) =>
  step(
    'add: a disable entry?',
    (s) =>
      !entries(s).some(
        ({ entry, op }) => op.kind === 'disable' && (s.setting.protocol.anyDisable || !ownerDead(s, entry)),
      ),
  );

const enabled = (addon: string) => step('add: enabled?', (s) => path.marker(addon) in s.files);
