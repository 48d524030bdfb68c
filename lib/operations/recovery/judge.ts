import { parseProvision } from '../../addon/contract.ts';
import type { Run } from '../../state/runs.ts';

// The recovery table. Pure: what the journal holds → what is to be done. test/model explores the same rules.

/**
 * Who else holds an id: a line of the same app, a line of another app, another entry, the trash. `unknown`: nobody that could be
 * read, but an ADDONS file or a trash record could not. `kept`: nobody, but it is marked as never to be unprovisioned.
 */
export type Holder = 'own-line' | 'line' | 'entry' | 'trash' | 'unknown' | 'kept' | undefined;

export type AddVerdict =
  | { todo: 'delete' }
  | { todo: 'commit'; id: string; private: string }
  | { todo: 'again' }
  | UndoVerdict;

export type UndoVerdict = { todo: 'quarantine'; reason: string } | { todo: 'unprovision'; id: string };

export function judgeAdd(runs: readonly Run[], idempotent: boolean, holderOf: (id: string) => Holder): AddVerdict {
  const started = runs.filter(hasStarted);
  const tries = started.filter(({ script }) => script === 'provision');
  const last = tries.at(-1);
  if (last === undefined) return { todo: 'delete' };

  const told = allocated(last) ?? tries.map(allocated).findLast((resource) => resource !== undefined);
  const found = told && holderOf(told.id);
  const holder = isHeld(found) ? found : undefined;
  const undo = started.findLast(({ script }) => script === 'unprovision');
  if (undo) {
    if (undo.exit?.status === 0) return { todo: 'delete' };
    if (holder) return heldElsewhere;
    return judgeUndo(found, undo.argument ?? told?.id ?? '');
  }
  if (holder === 'own-line') return { todo: 'delete' };
  if (holder) return heldElsewhere;
  if (told && last.exit?.status === 0) return { todo: 'commit', ...told };
  if (told) return judgeUndo(found, told.id);
  if (last.exit?.status === 0) return { todo: 'quarantine', reason: `provision succeeded but ${outputProblem(last)}` };
  if (tries.every((run) => !isUnknown(run))) return { todo: 'delete' };
  if (isUnknown(last) && idempotent) return { todo: 'again' };
  return { todo: 'quarantine', reason: `provision ${deathOf(last)}; it may have made a resource` };
}

/** Whether somebody is known to hold it. */
export const isHeld = (holder: Holder): boolean => holder !== undefined && holder !== 'unknown' && holder !== 'kept';

/** What is or may be another's, or is to be spared, is never destroyed. */
export function judgeUndo(holder: Holder, id: string): UndoVerdict {
  if (isHeld(holder)) return heldElsewhere;
  if (holder === 'kept')
    return { todo: 'quarantine', reason: `it would have to be unprovisioned, but ${id} is marked as kept` };
  if (holder === 'unknown')
    return {
      todo: 'quarantine',
      reason: `an ADDONS file or a trash record cannot be read, so ${id} may be in use there`,
    };
  return { todo: 'unprovision', id };
}

export type RepeatableVerdict = { todo: 'again' } | { todo: 'commit'; run: Run } | { todo: 'failed'; run: Run };

/** For scripts that are safe to run again: unprovision of a remove, rotate, enable, disable. */
export function judgeRepeatable(runs: readonly Run[]): RepeatableVerdict {
  const run = runs.filter(hasStarted).at(-1);
  if (run === undefined || isUnknown(run)) return { todo: 'again' };
  return run.exit?.status === 0 ? { todo: 'commit', run } : { todo: 'failed', run };
}

/** A run that nobody claimed, or that recovery claimed, never started. */
export const hasStarted = (run: Run): boolean => run.claim !== undefined && run.claim !== 'void';

/** A script that a signal killed had no chance to clean up, so its wrapper's word is no result either. */
const isUnknown = (run: Run) => run.exit === undefined || isSignal(run.exit.status);

/** How a shell tells of a signal: 128 and its number. 255, where ssh and perl report their own failures, is none. */
export const isSignal = (status: number): boolean => status > 128 && status <= 128 + 64;

const deathOf = ({ stopped }: Run) =>
  stopped === 'timeout'
    ? 'took too long and was killed'
    : stopped === 'too-much-output'
      ? 'wrote far too much output and was killed'
      : stopped === 'aborted'
        ? 'was interrupted'
        : 'died without a result';

/** The resource that a run told of, if it told of one in the one way that counts. */
export function allocated(run: Run): { id: string; private: string } | undefined {
  try {
    return parseProvision(run.out);
  } catch {
    return undefined;
  }
}

export function outputProblem(run: Run): string {
  try {
    parseProvision(run.out);
    return 'its output was valid';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const heldElsewhere: UndoVerdict = {
  todo: 'quarantine',
  reason: 'provision gave an id that another resource of this add-on already has',
};
