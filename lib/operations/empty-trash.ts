import { AddonsError } from '../errors.ts';
import { isInstalled } from '../scripts/addon.ts';
import { allApps } from '../state/apps.ts';
import { isRecoverable, type Operation, readJournal } from '../state/journal.ts';
import { isKept } from '../state/kept.ts';
import { prepareAddonData } from '../state/store.ts';
import { sweepState } from '../state/sweep.ts';
import { type TrashRecord, trashRecords } from '../state/trash.ts';
import { enabledAddon } from './addons.ts';
import { beginOnRecord, carryThrough } from './begin.ts';
import { clearRivals } from './clear-rivals.ts';
import type { Context } from './context.ts';
import { logged } from './logged.ts';
import { clearEntry } from './recovery/recover.ts';
import { settleEmpty } from './recovery/settle-empty.ts';
import type { Emptied, EmptyEnd, EmptyOptions, Outcome } from './results.ts';
import { itemOf } from './trash.ts';

/** Unprovisions what is in the trash, each its own operation; one failure does not stop the rest. The caller has asked. */
export async function* emptyTrash(
  context: Context,
  { expired = false, forget = false, only }: EmptyOptions = {},
): AsyncGenerator<EmptyEnd> {
  if (!context.dryRun) await finishOthers(context);
  const apps = allApps(context.store.platform);
  for (const record of trashRecords(context.store)) {
    const item = itemOf(context, record, apps);
    if ((expired && !item.expired) || only?.includes(record.operation) === false) continue;
    try {
      yield { ...item, ...(await emptyOne(context, record, forget)) };
    } catch (error) {
      if (error instanceof AddonsError && error.code === 'aborted') throw error;
      yield { item, error: error instanceof Error ? error : new Error(String(error)) };
    }
  }
}

/** The record may be gone already, so that no look at the trash comes by what an interrupted emptying left. */
async function finishOthers(context: Context): Promise<void> {
  await sweepState(context.store);
  for (const entry of readJournal(context.store)) {
    if (entry.operation.kind !== 'empty' || !isRecoverable(entry)) continue;
    await clearEntry(context, entry).catch((error) => context.tell({ type: 'warning', message: messageOf(error) }));
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Destroys one resource of the trash. One that is marked as kept is only forgotten, and on request one of an add-on that is gone. */
export async function emptyOne(context: Context, record: TrashRecord, forget = false): Promise<Emptied> {
  const { addon, id, app } = record;
  const { platform } = context.store;
  const kept = isKept(context.store, addon, id);
  const spare = kept || (forget && !isInstalled(platform, addon)) ? {} : undefined;
  const resource = kept ? 'kept' : spare ? 'forgotten' : 'destroyed';
  if (!spare) enabledAddon(context, addon).script('unprovision');
  if (context.dryRun) {
    const why = kept ? 'it is marked as kept' : `${addon} is not installed`;
    const step = spare ? `forget ${id}: ${why}` : `run unprovision of ${addon} for ${id}: its data is destroyed`;
    return { outcome: 'planned', resource, steps: [step] };
  }
  return logged(context, { what: 'empty', app: app.name, addon }, async (context) => ({
    outcome: await carryOut(context, record, spare),
    resource,
    steps: [],
  }));
}

async function carryOut(context: Context, record: TrashRecord, spare: Operation['spare']): Promise<Outcome> {
  const { addon: name, id } = record;
  const entry = await beginOnRecord(context, record, spare);
  if (entry === undefined) return 'unchanged';
  return carryThrough(context, entry, async () => {
    await clearRivals(context, entry);
    context.tell({ type: 'step', message: `Emptying the trash: ${name} ${id} of ${record.app.name}` });
    const addon = spare ? undefined : enabledAddon(context, name);
    prepareAddonData(context.store, name);
    const ended = await settleEmpty(context, entry, addon, true);
    if (ended.end !== 'committed' && ended.why) throw ended.why;
    return ended.end === 'committed' ? 'done' : 'unchanged';
  });
}
