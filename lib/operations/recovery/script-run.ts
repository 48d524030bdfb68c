import type { ScriptName } from '../../addon/contract.ts';
import type { Addon } from '../../scripts/addon.ts';
import { awaitRun, runJournaled } from '../../scripts/journaled-run.ts';
import { type Entry, readEntry } from '../../state/journal.ts';
import { claimVoid, type Run } from '../../state/runs.ts';
import type { Context } from '../context.ts';
import { busy } from '../locks.ts';
import { takeRun } from './take-run.ts';

/** Runs one script of an operation under the journal. */
export async function runFor(
  context: Context,
  entry: Entry,
  addon: Addon,
  script: ScriptName,
  args: string[],
  argument?: string,
  input?: string,
): Promise<Run> {
  const { store, signal, trace } = context;
  const run = await runJournaled(
    store,
    entry,
    {
      script,
      path: addon.script(script),
      args,
      ...(argument !== undefined && { argument }),
      ...(input !== undefined && { input }),
      env: addon.environment({ operation: entry.operation.id, trace: trace !== undefined }),
      cwd: addon.root,
      timeout: addon.timeout(script),
    },
    { signal, trace },
  );
  takeRun(context, entry, addon, run, Date.now());
  return run;
}

/**
 * Makes sure that no script of this entry is running or can still start, then reads its runs again.
 *
 * @throws {AddonsError} `busy` while one lives and its deadline has not come
 */
export async function settleLastRun(context: Context, entry: Entry): Promise<void> {
  for (let last = entry.runs.at(-1); last && isOpen(last); last = entry.runs.at(-1)) {
    if (last.claim === undefined) await claimVoid(context.store, last);
    else if (last.claim !== 'void') {
      const ended = await awaitRun(last, last.claim, context.signal, Date.now() + context.wait);
      if (!ended) throw busy(`${entry.operation.addon}: its ${last.script} script still runs`, last.claim);
      refresh(context, entry);
      return;
    }
    refresh(context, entry);
  }
}

const isOpen = (run: Run) => run.claim !== 'void' && run.exit === undefined;

function refresh({ store }: Context, entry: Entry) {
  const before = new Map(entry.runs.map((run) => [run.number, run.stopped]));
  const now = readEntry(store, entry.operation.id)?.runs ?? [];
  entry.runs = now.map((run) => ({ ...run, ...stoppedBy(before.get(run.number)) }));
}

const stoppedBy = (stopped: Run['stopped']) => stopped && { stopped };
