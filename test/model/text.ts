import type { Setting } from './setting.ts';
import { alive, type State } from './state.ts';

/** A state as text. Two states are the same if their texts are. */
export function textOf(s: State): string {
  const own = sortedText(s);
  if (!s.setting.twins) return own;
  const swapped = own.replace(/p[01]/g, (pid) => (pid === 'p0' ? 'p1' : 'p0'));
  const other = sortedText(stateOf(swapped, s.setting));
  return [own, other].sort()[0] ?? own;
}

export const stateOf = (text: string, setting: Setting): State =>
  // textOf made the text of a state, of all that is not its setting.
  Object.assign(JSON.parse(text) as Omit<State, 'setting'>, { setting });

/** Order of keys means nothing, nor does the lock of a dead process. */
function sortedText(s: State): string {
  const { setting: _, ...rest } = s;
  return JSON.stringify({
    ...rest,
    files: sorted(s.files),
    unsynced: sorted(s.unsynced),
    apps: sorted(s.apps),
    resources: sorted(s.resources),
    locks: sorted(heldLocks(s)),
    ghost: sorted(s.ghost),
    processes: sorted(s.processes),
  });
}

const heldLocks = (s: State): State['locks'] =>
  Object.fromEntries(Object.entries(s.locks).filter(([, pid]) => alive(s, pid)));

/** Most are in order already: steps add few keys to what was read from a text. */
function sorted(record: object): object {
  const keys = Object.keys(record);
  const inOrder = keys.every((key, i) => i === 0 || (keys[i - 1] ?? '') < key);
  return inOrder ? record : Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
