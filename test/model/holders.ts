import { appDirs, entries, linesOf, records, runs } from './journal.ts';
import { type AppOperation, idOf } from './operation.ts';
import type { Me, State } from './state.ts';
import { type Steps, step } from './steps.ts';

export type Holder = 'own line' | 'line' | 'entry' | 'trash' | null;

/** Who holds this id of the add-on, apart from the entry itself and the trash record that it is about: at one glance. */
export function holderOf(s: State, op: AppOperation, entry: string, id: string): Holder {
  const lines = appDirs(s).filter((ino) => inLine(s, ino, op.addon, id));
  return holderAmong(op, { lines, inEntry: inEntry(s, entry, op.addon, id), inTrash: inTrash(s, op, id) });
}

/**
 * The same as the code can see it: one place after the other, while others go on.
 *
 * Entries first: who commits writes line or record before its entry goes. Trash last: a remove leads from a line to the
 * trash and asks nobody; an undo leads back and looks itself, as a move does, and so sees the entry of whoever looks here.
 */
export function* findHolder(me: Me, entry: string, op: AppOperation, id: string): Steps<Holder> {
  const { apart, protocol } = me.setting;
  if (!apart) return yield* step('look for holders', (s) => holderOf(s, op, entry, id));
  const lookAtEntries = () => step('look for it in entries', (s) => inEntry(s, entry, op.addon, id));
  const lookAtTrash = () => step('look for it in the trash', (s) => inTrash(s, op, id));
  const entryEarly = protocol.entriesFirst ? yield* lookAtEntries() : null;
  const early = protocol.trashLast ? null : yield* lookAtTrash();
  const lines: number[] = [];
  for (const ino of yield* step('look for apps', (s) => appDirs(s).sort())) {
    if (yield* step(`look for it in d${ino}`, (s) => inLine(s, ino, op.addon, id))) lines.push(ino);
  }
  const trashed = early ?? (yield* lookAtTrash());
  const entered = entryEarly ?? (yield* lookAtEntries());
  return holderAmong(op, { lines, inEntry: entered, inTrash: trashed });
}

interface Found {
  /** Inodes of the apps that have such a line. */
  lines: number[];
  inEntry: boolean;
  inTrash: boolean;
}

function holderAmong(op: AppOperation, found: Found): Holder {
  const { lines } = found;
  if (lines.includes(op.ino)) return 'own line';
  if (lines.length) return 'line';
  if (found.inEntry) return 'entry';
  return found.inTrash ? 'trash' : null;
}

const inLine = (s: State, ino: number, addon: string, id: string): boolean =>
  linesOf(s, ino).some((line) => line.addon === addon && line.id === id);

/** Whether another entry names it, or provisioned it. */
export const inEntry = (s: State, own: string, addon: string, id: string): boolean =>
  entries(s).some(
    ({ entry, op }) =>
      entry !== own &&
      op.addon === addon &&
      (idOf(op) === id || runs(s, entry).some((run) => run.script === 'provision' && run.out?.id === id)),
  );

const inTrash = (s: State, op: AppOperation, id: string): boolean =>
  records(s).some(
    ({ operation, record }) =>
      !('trashed' in op && op.trashed === operation) && record.addon === op.addon && record.id === id,
  );
