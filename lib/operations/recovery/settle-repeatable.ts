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
  /** Makes the success visible and deletes the entry, in one lock hold. */
  commit(run: Run): Promise<void>;
  /** What its script may know and no message may hold. */
  secrets: () => string[];
  /** What a failure means, to end the message with. */
  failed: string;
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
  mayRunAgain: boolean,
): Promise<RepeatableEnd> {
  const { store } = context;
  for (let again = mayRunAgain; ; again = false) {
    await settleLastRun(context, entry);
    const verdict = judgeRepeatable(entry.runs);
    if (verdict.todo === 'commit') {
      await operation.commit(verdict.run);
      return { end: 'committed' };
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

function failure(entry: Entry, { failed, secrets }: Repeatable): AddonsError {
  const run = entry.runs.at(-1);
  if (run) return runFailure(entry, run, secrets(), failed, 'Mend the reason and run the command again.');
  return new AddonsError('io', `The ${entry.operation.kind} of ${entry.operation.addon} never ran.`, {
    hint: 'Run the command again.',
  });
}
