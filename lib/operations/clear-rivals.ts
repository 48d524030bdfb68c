import { type Entry, isRecoverable } from '../state/journal.ts';
import type { Context } from './context.ts';
import { clearEntry } from './recovery/recover.ts';
import { rivalOf } from './recovery/rival.ts';

/**
 * Settles what a dead process left of work on the same trash record: it may lie under the app's earlier identity, where nobody
 * else comes by it.
 */
export async function clearRivals(context: Context, entry: Entry): Promise<void> {
  for (let rival = rivalOf(context, entry); rival && isRecoverable(rival); rival = rivalOf(context, entry))
    await clearEntry(context, rival);
}
