import { deleteEntry } from './journal.ts';
import { lockLines, writeNames } from './lines.ts';
import type { AdoptOperation } from './operation.ts';
import type { Me } from './state.ts';
import type { Steps } from './steps.ts';

/** The secret is not in the journal: with its line the adopt is done, without it nothing has happened. */
export function* settleAdopt(me: Me, entry: string, op: AdoptOperation): Steps {
  const seen = yield* lockLines(me, op);
  const done = seen?.lines.some((line) => line.addon === op.addon && line.id === op.id);
  if (seen?.named && !done) yield* writeNames(me, op.ino, op.addon, false);
  yield* deleteEntry(me, entry);
}
