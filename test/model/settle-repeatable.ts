import type { Output, ScriptName } from './job.ts';
import { deleteEntry } from './journal.ts';
import { judgeLast } from './judge.ts';
import { idOf, type Operation } from './operation.ts';
import type { Me } from './state.ts';
import { type Steps, step } from './steps.ts';
import { run } from './wrapper.ts';

/** Forward on exit 0, run again on an unknown result, give in on failure. */
export function* settleRepeatable(
  me: Me,
  entry: string,
  op: Operation,
  script: ScriptName,
  commit: (out: Output | null) => Steps,
): Steps {
  for (;;) {
    const verdict = yield* step(`judge ${script}`, (s) => judgeLast(s, entry));
    if (verdict.todo === 'look again') continue;
    if (verdict.todo === 'again') {
      yield* run(me, entry, op, script, idOf(op));
      continue;
    }
    if (verdict.todo === 'commit') yield* commit(verdict.out);
    return yield* deleteEntry(me, entry);
  }
}
