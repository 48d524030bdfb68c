import { AddonsError } from '../../errors.ts';
import type { Addon } from '../../scripts/addon.ts';
import { appendLine, writeNames } from '../../state/app-changes.ts';
import { type App, followApp } from '../../state/apps.ts';
import { deleteEntry, disown, type Entry, quarantine } from '../../state/journal.ts';
import type { Run } from '../../state/runs.ts';
import { type Context, uninterrupted } from '../context.ts';
import { lockApp } from '../locks.ts';
import { runFailure } from '../script-failure.ts';
import { freeNames } from '../taken-name.ts';
import { copyData } from './copy-data.ts';
import { holderOf } from './holders.ts';
import { allocated, hasStarted, isHeld, judgeAdd, judgeUndo, outputProblem } from './judge.ts';
import { runFor, settleLastRun } from './script-run.ts';

/** How an add ended. `left`: its entry waits for the next recovery. */
export type AddEnd =
  | { end: 'committed'; app: App; id: string }
  | { end: 'withdrawn'; why?: AddonsError }
  | { end: 'quarantined'; reason: string }
  | { end: 'left'; why: AddonsError };

/** Brings an add to its end by the recovery table: after a crash, and after `provision` alike. */
export async function settleAdd(
  context: Context,
  entry: Entry,
  addon: Addon,
  mayRunAgain: boolean | 'anyway',
): Promise<AddEnd> {
  const { store } = context;
  for (let again = mayRunAgain; ; again = false) {
    await settleLastRun(context, entry);
    const verdict = judgeAdd(entry.runs, addon.descriptor.idempotent, (id) => holderOf(store, entry, id));
    if (verdict.todo === 'delete') return withdraw(context, entry, addon);
    if (verdict.todo === 'quarantine' && !(again === 'anyway' && toldNothing(entry)))
      return setAside(context, entry, verdict.reason);
    if (verdict.todo === 'again' || verdict.todo === 'quarantine') {
      if (!again)
        return leave(context, entry, failure(entry, addon, provisionOf(entry), '; the next command runs it again'));
      await runFor(context, entry, addon, 'provision', [entry.operation.app?.name ?? '']);
      continue;
    }
    if (verdict.todo === 'commit') {
      const failed = entry.operation.copyOf && (await copyData(context, entry, addon, verdict));
      if (failed) return undo(context, entry, addon, verdict.id, failed);
      const committed = await commit(uninterrupted(context), entry, verdict);
      if (committed === 'held') continue; // judged once more, now into quarantine
      if (committed) return { end: 'committed', app: committed, id: verdict.id };
    }
    return undo(context, entry, addon, verdict.id);
  }
}

/** What a script told of must not be forgotten over a second one that it tells of. */
const toldNothing = ({ runs }: Entry): boolean =>
  runs.every((run) => run.script === 'provision' && allocated(run) === undefined);

/** The line together with the entry's removal, in one lock hold. Undefined: the app is gone. */
async function commit(
  context: Context,
  entry: Entry,
  resource: { id: string; private: string },
): Promise<App | 'held' | undefined> {
  const { store } = context;
  const { app: target, addon } = entry.operation;
  if (target === undefined) return undefined;
  return lockApp(context, target, async () => {
    const app = followApp(store.platform, target);
    if (app === undefined) return undefined;
    if (isHeld(holderOf(store, entry, resource.id))) return 'held';
    // A name that an earlier resource left must not become this one's.
    await writeNames(store, app, addon, await freeNames(context, app, addon, entry.operation.env ?? []));
    await appendLine(store, app, { addon, ...resource });
    await deleteEntry(store, entry);
    return app;
  });
}

async function undo(context: Context, entry: Entry, addon: Addon, id: string, reason?: AddonsError): Promise<AddEnd> {
  // Also what was to be committed: nobody has asked yet whether it may go.
  const verdict = judgeUndo(holderOf(context.store, entry, id), id);
  if (verdict.todo === 'quarantine') return setAside(context, entry, verdict.reason);
  const cause = provisionOf(entry);
  const run = await runFor(context, entry, addon, 'unprovision', [id], id);
  if (run.exit?.status !== 0) {
    return leave(
      context,
      entry,
      failure(
        entry,
        addon,
        run,
        `; what provision made for ${appOf(entry)} stays until the next command has unprovisioned it`,
      ),
    );
  }
  // Before the entry goes, and with it what the script wrote to stderr.
  const why = failure(entry, addon, cause, ' and what it had made was unprovisioned');
  await deleteEntry(context.store, entry);
  if (reason) return { end: 'withdrawn', why: reason };
  if (cause?.exit?.status === 0) {
    return {
      end: 'withdrawn',
      why: new AddonsError(
        'app-not-found',
        `The app ${appOf(entry)} was deleted meanwhile; its new ${addon.name} was unprovisioned.`,
      ),
    };
  }
  return { end: 'withdrawn', why };
}

async function withdraw({ store }: Context, entry: Entry, addon: Addon): Promise<AddEnd> {
  const run = provisionOf(entry);
  const why = run && (hasStarted(run) ? failure(entry, addon, run) : neverStarted(entry));
  await deleteEntry(store, entry);
  return { end: 'withdrawn', ...(why && { why }) };
}

async function setAside({ store }: Context, entry: Entry, reason: string): Promise<AddEnd> {
  await quarantine(store, entry, reason);
  return { end: 'quarantined', reason };
}

async function leave({ store }: Context, entry: Entry, why: AddonsError): Promise<AddEnd> {
  await disown(store, entry);
  return { end: 'left', why };
}

function failure(entry: Entry, { secrets }: Addon, run: Run | undefined, outcome = ''): AddonsError {
  const { addon, id } = entry.operation;
  if (run === undefined) return new AddonsError('io', `The operation ${id} on ${addon} could not be finished.`);
  if (run.script === 'provision' && run.exit?.status === 0) {
    return new AddonsError('script-output', `provision of ${addon} ${outputProblem(run)}${outcome}.`, {
      hint: 'It must print one line: id;private',
      details: { script: 'provision', addon, operation: id },
    });
  }
  // An unprovision may tell what the provision before it was given.
  const told = entry.runs.flatMap((one) => [allocated(one)?.private ?? '', one.out.toString().trim()]);
  return runFailure(
    entry,
    run,
    [...secrets, ...told],
    outcome,
    'Mend the reason and run the command again: nothing was lost.',
  );
}

const neverStarted = ({ operation: { addon, id } }: Entry) =>
  new AddonsError('script-failed', `provision of ${addon} was stopped before it could start.`, {
    hint: 'Run the command again: nothing was changed.',
    details: { script: 'provision', addon, operation: id },
  });

const provisionOf = (entry: Entry) => entry.runs.findLast(({ script }) => script === 'provision');
const appOf = (entry: Entry) => entry.operation.app?.name ?? '';
