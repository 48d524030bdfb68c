import { AddonsError } from '../../errors.ts';
import { appendLine, writeNames } from '../../state/app-changes.ts';
import { extraNames, lineWithId } from '../../state/app-files.ts';
import { followApp } from '../../state/apps.ts';
import { deleteEntry, type Entry } from '../../state/journal.ts';
import { deleteRecord, readRecord } from '../../state/trash.ts';
import { type Context, uninterrupted } from '../context.ts';
import { closed } from '../gate.ts';
import { lockApp } from '../locks.ts';
import { freeNames } from '../taken-name.ts';
import { resourceOf } from './entry-fields.ts';
import { holderOf } from './holders.ts';
import { isHeld } from './judge.ts';
import { beaten, heldElsewhere, rivalOf } from './rival.ts';

/** `withdrawn`: the resource is where it was. */
export type UndoEnd = { end: 'committed' } | { end: 'withdrawn'; why: AddonsError };

/**
 * Brings a resource back from the trash. Only its own line proves that an undo ever got past the looks that may make it
 * withdraw: without it, recovery looks again.
 */
export async function settleUndo(context: Context, entry: Entry): Promise<UndoEnd> {
  const { app: target, id } = resourceOf(entry);
  const app = followApp(context.store.platform, target);
  const isBegun = app !== undefined && lineWithId(app, entry.operation.addon, id) !== undefined;
  const why = isBegun ? undefined : (closed(context, entry.operation.addon) ?? taken(context, entry, id));
  return why === undefined ? commit(context, entry) : withdraw(context, entry, why);
}

function taken(context: Context, entry: Entry, id: string): AddonsError | undefined {
  const rival = rivalOf(context, entry);
  if (rival) return beaten(rival);
  return isHeld(holderOf(context.store, entry, id)) ? heldElsewhere(entry) : undefined;
}

/** Line first, record last: the resource is known all the time. Without the app it stays in the trash. */
async function commit(context: Context, entry: Entry): Promise<UndoEnd> {
  const { store } = context;
  const { app: target, id } = resourceOf(entry);
  const { addon, trashed = '' } = entry.operation;
  return lockApp(uninterrupted(context), target, async (): Promise<UndoEnd> => {
    const app = followApp(store.platform, target);
    const record = readRecord(store, trashed);
    if (app && record) {
      await writeNames(store, app, addon, await freeNames(context, app, addon, record.env));
      if (!lineWithId(app, addon, id)) await appendLine(store, app, { addon, id, private: record.private });
      await store.disk.sync(app.dir); // whoever appended it may have died before it was durable
      await deleteRecord(store, trashed);
    } else if (!record) {
      await store.disk.sync(store.platform.trash); // and so may whoever deleted this
    }
    const isBack = app !== undefined && lineWithId(app, addon, id) !== undefined;
    await deleteEntry(store, entry);
    return isBack ? { end: 'committed' } : { end: 'withdrawn', why: nothingToBringBack(entry) };
  });
}

/** What an attempt before may have written of it goes with it. */
async function withdraw(context: Context, entry: Entry, why: AddonsError): Promise<UndoEnd> {
  const { store } = context;
  const { addon } = entry.operation;
  const { app: target } = resourceOf(entry);
  return lockApp(uninterrupted(context), target, async (): Promise<UndoEnd> => {
    const app = followApp(store.platform, target);
    if (app && extraNames(app, addon).length > 0) await writeNames(store, app, addon, []);
    await deleteEntry(store, entry);
    return { end: 'withdrawn', why };
  });
}

const nothingToBringBack = ({ operation: { app, addon, resource } }: Entry) =>
  new AddonsError(
    'resource-not-found',
    `${resource} of ${addon} is not in the trash any more, or ${app?.name} is gone.`,
    {
      hint: 'See what is: addons trash',
      details: { addon },
    },
  );
