import { AddonsError } from '../errors.ts';
import { disown, readJournal } from '../state/journal.ts';
import { breakLock } from '../state/lock.ts';
import { heldLocks } from '../state/lock-owners.ts';
import { groupLiveness, liveness } from '../state/process-identity.ts';
import { declareDead } from '../state/runs.ts';
import type { Context } from './context.ts';
import { writeEntry } from './logged.ts';
import type { HeldLock, LogEntry, UnlockResult } from './results.ts';

/** Lists what is held; with a key, frees it unless its owner is known to live here. */
export async function unlock(context: Context, key?: string): Promise<UnlockResult> {
  const held = heldNow(context);
  if (key === undefined) return { held, freed: [] };
  const target = held.find((lock) => lock.key === key);
  if (target === undefined) {
    throw new AddonsError('resource-not-found', `Nothing of the name ${key} is held.`, {
      hint: 'See what is held: addons unlock',
    });
  }
  if (target.owner === 'alive') {
    throw new AddonsError(
      'busy',
      `${target.name} is held by process ${target.pid}, which is alive (since ${target.since}).`,
      {
        hint: 'Wait for it or stop that process; nothing is ever taken from a live one.',
      },
    );
  }
  if (!context.dryRun) {
    const start = performance.now();
    const about = await free(context, key);
    await writeEntry(context, { ...about, outcome: 'done', duration: Math.round(performance.now() - start) });
  }
  return { held, freed: context.dryRun ? [] : [key] };
}

function heldNow({ store }: Context): HeldLock[] {
  const locks = heldLocks(store.platform.locks).map(({ key, owner, state }) => ({
    name: `lock ${key}`,
    key,
    pid: owner.pid,
    owner: state,
    since: owner.since,
  }));
  const operations = readJournal(store).flatMap(({ operation, owner }) =>
    owner === undefined
      ? []
      : [
          {
            name: `${operation.kind} of ${operation.addon}${operation.app ? ` for ${operation.app.name}` : ''}`,
            key: operation.id,
            pid: owner.pid,
            owner: liveness(owner),
            since: operation.started,
          },
        ],
  );
  return [...locks, ...operations];
}

/** What the log tells of it. */
async function free({ store }: Context, key: string): Promise<Pick<LogEntry, 'what' | 'app' | 'addon' | 'operation'>> {
  const entry = readJournal(store).find(({ operation }) => operation.id === key);
  if (entry === undefined) {
    breakLock(store.platform.locks, key);
    return { what: `unlock ${key}` };
  }
  // Recovery would wait for ever for a script whose processes it cannot ask.
  for (const run of entry.runs) {
    if (typeof run.claim === 'object' && !run.exit && groupLiveness(run.claim) === 'unknown')
      await declareDead(store, run);
  }
  await disown(store, entry);
  const { addon, app } = entry.operation;
  return { what: 'unlock', addon, operation: key, ...(app && { app: app.name }) };
}
