import { AddonsError } from '../errors.ts';
import { readAddons } from '../state/app-files.ts';
import { findApp } from '../state/apps.ts';
import { type Operation, readJournal, sweepJournal } from '../state/journal.ts';
import { prepareStore } from '../state/store.ts';
import type { Context } from './context.ts';
import { fateOf } from './fate.ts';
import { clearEntry } from './recovery/recover.ts';
import { remove } from './remove.ts';
import type { DeleteResult, RemoveResult } from './results.ts';
import { lookForShared } from './shared.ts';

/** Removes everything the app has, each resource its own operation; one failure does not stop the rest. */
export async function deleteApp(context: Context, appName: string): Promise<DeleteResult> {
  const { store } = context;
  const app = findApp(store.platform, appName);
  const failures: AddonsError[] = [];
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AddonsError) || error.code === 'aborted') throw error;
      failures.push(error);
      return undefined;
    }
  };
  const held = readAddons(app).parsed;
  const cleared: Operation[] = [];
  if (!context.dryRun) {
    prepareStore(store);
    await sweepJournal(store);
    for (const entry of readJournal(store)) {
      if (entry.operation.app?.key !== app.key) continue;
      cleared.push(entry.operation);
      await attempt(() => clearEntry(context, entry));
    }
  }
  const { parsed } = readAddons(app);
  const removed: RemoveResult[] = held.resources
    .filter(({ id }) => !parsed.resources.some((line) => line.id === id))
    .map(({ addon, id }) => {
      const fate = fateOf(context, addon, id, cleared);
      return { app: appName, addon, id, outcome: 'done', ...fate, steps: [] };
    });
  const look = lookForShared(context);
  for (const addon of new Set(parsed.resources.map((resource) => resource.addon))) {
    const result = await attempt(() => remove(context, appName, addon, {}, look));
    if (result) removed.push(result);
  }
  for (const { line, problem } of parsed.malformed) {
    context.tell({ type: 'warning', message: `Line ${line} of ${app.dir}/ADDONS stays: ${problem}.` });
  }
  if (failures.length > 0) throw someRemain(appName, failures);
  const outcome = context.dryRun ? 'planned' : removed.length > 0 ? 'done' : 'unchanged';
  if (outcome !== 'planned') await context.triggers.tell('app-delete', [appName], { outcome });
  return { app: appName, outcome, removed, steps: removed.flatMap(({ steps }) => steps) };
}

const someRemain = (app: string, failures: AddonsError[]) =>
  new AddonsError(
    failures[0]?.code ?? 'io',
    `${app} still has resources: ${failures.map(({ message }) => message).join(' ')}`,
    {
      hint: failures[0]?.hint ?? 'Mend the reason and run the command again.',
      details: { app, failures },
    },
  );
