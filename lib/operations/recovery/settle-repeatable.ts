import { AddonsError } from '../../errors.ts';
import { deleteEntry, disown, type Entry } from '../../state/journal.ts';
import type { Run } from '../../state/runs.ts';
import type { Context } from '../context.ts';
import { runFailure } from '../script-failure.ts';
import { judgeRepeatable } from './judge.ts';
import { settleLastRun } from './script-run.ts';

/** `failed`: undone, nothing of it is left. `left`: its entry waits for the next recovery. */
export type RepeatableEnd = { end: 'committed' } | { end: 'failed' | 'left'; why: AddonsError };

export interface Repeatable {
  /** Runs the script once, journaled. */
  run(): Promise<Run>;
  /** Why a success is none after all, such as output that is not as the contract asks. */
  refuse?: (run: Run) => AddonsError | undefined;
  /** Makes the success visible and deletes the entry, in one lock hold. */
  commit(run: Run): Promise<void>;
  /** What its script may know and no message may hold. */
  secrets: () => string[];
  /** What a failure means, to end the message with. */
  failed: string;
  /** The next step after a failure. */
  hint?: string;
  /** disable: a failure leaves its entry, which keeps new adds out, for the next recovery. */
  keepEntry?: boolean;
  /** enable: nothing is lost when an attempt of unknown result is forgotten. */
  forgetUnknown?: boolean;
}

/**
 * Brings an operation to its end whose script is safe to run again: forward on success, again while the
 * result is unknown, back on failure. Runs the script once at most, and not when `mayRunAgain` is false.
 */
export async function settleRepeatable(
  context: Context,
  entry: Entry,
  operation: Repeatable,
  mayRunAgain: boolean | 'anyway',
): Promise<RepeatableEnd> {
  const { store } = context;
  for (let again = mayRunAgain !== false; ; again = false) {
    await settleLastRun(context, entry);
    const verdict = judgeRepeatable(entry.runs);
    if (verdict.todo === 'commit') {
      const refused = operation.refuse?.(verdict.run);
      if (refused === undefined) await operation.commit(verdict.run);
      else await deleteEntry(store, entry);
      return refused === undefined ? { end: 'committed' } : { end: 'failed', why: refused };
    }
    if (again && (verdict.todo === 'again' || operation.keepEntry)) {
      await operation.run();
      continue;
    }
    const why = failure(entry, operation);
    const unknown = verdict.todo === 'again' && !operation.forgetUnknown;
    if (unknown || operation.keepEntry) await disown(store, entry);
    else await deleteEntry(store, entry);
    return { end: unknown || operation.keepEntry ? 'left' : 'failed', why };
  }
}

function failure(
  entry: Entry,
  { failed, secrets, hint = 'Mend the reason and run the command again.' }: Repeatable,
): AddonsError {
  const run = entry.runs.at(-1);
  if (run) return runFailure(entry, run, secrets(), failed, hint);
  return new AddonsError('io', `The ${entry.operation.kind} of ${entry.operation.addon} never ran.`, {
    hint: 'Run the command again.',
  });
}
