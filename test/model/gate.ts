import { path } from './files.ts';
import { entries, ownerDead } from './journal.ts';
import type { Me } from './state.ts';
import { type Steps, step } from './steps.ts';

/** Who gives an app a resource withdraws from a disable; both write before they read, so that one always sees the other. */
export function* gate(me: Me, addon: string): Steps<boolean> {
  const { gateOrder } = me.setting.protocol;
  const [first, second] = gateOrder ? [noDisable, enabled] : [enabled, noDisable];
  return (yield* first(addon)) && (yield* second(addon));
}

/** Who only changes the place of a line asks no more. */
export const noDisable = (_addon: string): Steps<boolean> =>
  step(
    'gate: a disable entry?',
    (s) =>
      !entries(s).some(
        ({ entry, op }) => op.kind === 'disable' && (s.setting.protocol.anyDisable || !ownerDead(s, entry)),
      ),
  );

const enabled = (addon: string) => step('gate: enabled?', (s) => path.marker(addon) in s.files);
