import { put } from './disk.ts';
import { path } from './files.ts';
import { type Holder, holderOf } from './holders.ts';
import type { Output } from './job.ts';
import { groupAlive, type Run, runs } from './journal.ts';
import type { AddOperation } from './operation.ts';
import type { State } from './state.ts';
import { BLOCKED, type Blocked } from './steps.ts';

/** What to do about an add. `look again`: an unclaimed run was claimed just now. */
export type AddVerdict =
  | { todo: 'look again' }
  | { todo: 'delete' }
  | { todo: 'quarantine' }
  | { todo: 'provision again' }
  | { todo: 'unprovision'; id: string | null }
  | { todo: 'commit'; id: string; private: number };

/** What to do about any other operation, by its last run. */
export type Verdict = { todo: 'look again' | 'again' | 'failed' } | { todo: 'commit'; out: Output | null };

/** Waits while the script is alive; then the id that the add told of, or null: whose holder is to be looked for. */
export function toldId(s: State, entry: string): { id: string | null } | Blocked {
  if (claimOrWait(s, entry) === BLOCKED) return BLOCKED;
  const tries = startedRuns(s, entry).filter((run) => run.script === 'provision');
  return { id: tries.at(-1)?.out?.id ?? tries.findLast((run) => run.out)?.out?.id ?? null };
}

/**
 * Waits while the script is alive, then judges all runs of an add together: the recovery table. `found`: the holder of its
 * id, where it was looked for before.
 */
export function judgeAdd(s: State, entry: string, op: AddOperation, found?: Holder): AddVerdict | Blocked {
  const { protocol, idempotent } = s.setting;
  const waiting = claimOrWait(s, entry);
  if (waiting === BLOCKED) return BLOCKED;
  if (waiting) return { todo: protocol.allRuns ? 'look again' : 'delete' };
  const started = startedRuns(s, entry);
  const undo = started.findLast((run) => run.script === 'unprovision');
  const tries = started.filter((run) => run.script === 'provision');
  const last = tries.at(-1);
  if (!last) return { todo: 'delete' };
  const told = last.out ?? (protocol.allRuns ? tries.findLast((run) => run.out)?.out : undefined);
  const id = told?.id;
  const holder = found !== undefined ? found : id === undefined ? null : holderOf(s, op, entry, id);
  if (undo) {
    if (resultOf(s, undo) === 'done') return { todo: 'delete' };
    return holder ? { todo: 'quarantine' } : { todo: 'unprovision', id: protocol.undoArg ? undo.arg : (id ?? null) };
  }
  if (holder === 'own line' || (holder === 'line' && !protocol.heldQuarantine)) return { todo: 'delete' };
  if (holder) return { todo: protocol.heldQuarantine ? 'quarantine' : 'delete' };
  const result = resultOf(s, last);
  if (told && id !== undefined) {
    return result === 'done' ? { todo: 'commit', id, private: told.private } : { todo: 'unprovision', id };
  }
  if (result === 'done') return { todo: 'quarantine' };
  const unknown = (protocol.allRuns ? tries : [last]).some((run) => resultOf(s, run) === 'unknown');
  if (!unknown) return { todo: 'delete' };
  return { todo: result === 'unknown' && idempotent ? 'provision again' : 'quarantine' };
}

/** Waits while the script is alive, then judges an operation that may be run again. */
export function judgeLast(s: State, entry: string): Verdict | Blocked {
  const waiting = claimOrWait(s, entry);
  if (waiting === BLOCKED) return BLOCKED;
  if (waiting) return { todo: 'look again' };
  const last = startedRuns(s, entry).at(-1);
  const result = last ? resultOf(s, last) : 'unknown';
  if (result === 'unknown') return { todo: 'again' };
  return result === 'done' ? { todo: 'commit', out: last?.out ?? null } : { todo: 'failed' };
}

/** A script that died of a signal may have done anything before: no exit status tells. */
export function resultOf(s: State, { exit }: Run): 'done' | 'failed' | 'unknown' {
  if (exit === undefined || (exit > 128 && !s.setting.protocol.signalIsFailure)) return 'unknown';
  return exit === 0 ? 'done' : 'failed';
}

/** Claims the last run if its wrapper has not, so that it never starts; else waits for its group. */
function claimOrWait(s: State, entry: string): Blocked | 'claimed' | null {
  const last = runs(s, entry).at(-1);
  if (!last) return null;
  if (last.pid) return groupAlive(s, entry, last.n) ? BLOCKED : null;
  if (s.setting.protocol.noClaim) return null;
  // Not synced: it is a claim against a wrapper only, and a power loss ends the wrapper too.
  put(s, path.pid(entry, last.n), 'void');
  return 'claimed';
}

export const startedRuns = (s: State, entry: string): Run[] =>
  runs(s, entry).filter((run) => run.pid && !(s.setting.protocol.voidClaim && run.pid === 'void'));
