import { durable, put } from './disk.ts';
import { type Line, path } from './files.ts';
import { linesOf } from './journal.ts';
import { appLock, take } from './locks.ts';
import type { Me, State } from './state.ts';
import { BLOCKED, type Steps, step } from './steps.ts';

// What commits do to an app's files, under its lock.

export interface Seen {
  lines: Line[];
  /** Whether the add-on's config var has an extra name. */
  named: boolean;
}

/** Takes the app lock, until the entry is deleted. Null: the app is gone. */
export const lockLines = (me: Me, op: { app: string; ino: number; addon: string }): Steps<Seen | null> =>
  step('lock, read ADDONS', (s) => (take(s, appLock(s, op), me.pid) ? seenIn(s, op.ino, op.addon) : BLOCKED));

export const seenIn = (s: State, ino: number, addon: string): Seen | null =>
  path.addons(ino) in s.files
    ? { lines: linesOf(s, ino), named: s.files[path.names(ino)]?.includes(addon) ?? false }
    : null;

/** Replaces the lines by what was made of those that were read under the lock. False: the app is gone since. */
export const writeLines = (
  me: Me,
  label: string,
  ino: number,
  lines: Line[],
  also: (s: State) => void = () => {},
): Steps<boolean> =>
  durable(me, label, [path.addons(ino)], (s) => {
    if (!s.files[path.addons(ino)]) return false; // the rename into it fails
    put(s, path.addons(ino), lines);
    also(s);
    return true;
  });

export const without = (lines: Line[], addon: string, id: string): Line[] =>
  lines.filter((line) => line.id !== id || line.addon !== addon);

/** Config var and extra names, once the line is gone. */
export function* dropVariables(me: Me, ino: number, addon: string): Steps {
  const env = path.env(ino);
  yield* durable(me, 'drop config var', [env], (s) => {
    const { [addon]: gone, ...rest } = s.files[env] ?? {};
    if (gone) put(s, env, rest);
  });
  yield* writeNames(me, ino, addon, false);
}

/** Gives the config var exactly the extra names that it shall have. */
export function* writeNames(me: Me, ino: number, addon: string, named: boolean): Steps {
  if (!me.setting.names) return;
  const at = path.names(ino);
  yield* durable(me, named ? 'write names' : 'drop names', [at], (s) => {
    const names = s.files[at] ?? [];
    if (!(path.addons(ino) in s.files) || names.includes(addon) === named) return;
    put(s, at, named ? [...names, addon] : names.filter((name) => name !== addon));
  });
}
