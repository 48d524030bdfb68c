import { setTimeout as sleep } from 'node:timers/promises';
import { AddonsError } from '../../errors.ts';
import { isInstalled, loadAddon } from '../../scripts/addon.ts';
import { sweepApp } from '../../state/app-files.ts';
import { followApp } from '../../state/apps.ts';
import {
  disown,
  type Entry,
  isRecoverable,
  makeDurable,
  quarantine,
  readEntry,
  sweepJournal,
  takeOver,
} from '../../state/journal.ts';
import { prepareAddonData } from '../../state/store.ts';
import type { Context } from '../context.ts';
import { busy, lockAddon, lockApp } from '../locks.ts';
import { settleAdd } from './settle-add.ts';
import { settleDisable } from './settle-disable.ts';
import { settleEnable } from './settle-enable.ts';
import { settleRemove } from './settle-remove.ts';

/**
 * Clears one entry out of the way: recovers it where its owner is dead, else waits for the owner.
 *
 * @throws {AddonsError} `quarantined`, `busy`, or why the operation could not be brought to its end
 */
export async function clearEntry(context: Context, entry: Entry): Promise<void> {
  if (entry.quarantine !== undefined) throw quarantined(entry);
  if (isRecoverable(entry)) return recover(context, entry);
  const { id, kind, addon, app } = entry.operation;
  context.tell({
    type: 'waiting',
    message: `Waiting for the ${kind} of ${addon}${app ? ` for ${app.name}` : ''} under way`,
  });
  for (const until = Date.now() + context.wait; Date.now() < until; await sleep(30)) {
    if (context.signal?.aborted) throw new AddonsError('aborted', 'Interrupted while waiting for another process.');
    const now = readEntry(context.store, id);
    if (now === undefined || now.quarantine !== undefined || isRecoverable(now)) return;
  }
  throw busy(`${kind} ${addon}${app ? ` for ${app.name}` : ''} (operation ${id})`, entry.owner);
}

/** Brings to its end what a dead process left. */
export async function recover(context: Context, seen: Entry): Promise<void> {
  const { store } = context;
  await sweepJournal(store);
  const entry = await lockOf(context, seen, async () => {
    const now = readEntry(store, seen.operation.id); // another may have recovered it meanwhile
    if (now === undefined || !isRecoverable(now)) return undefined;
    await takeOver(store, now);
    await makeDurable(store, now);
    const app = now.operation.app && followApp(store.platform, now.operation.app);
    if (app) {
      await sweepApp(store, app);
      await store.disk.sync(app.dir);
    }
    return now;
  });
  if (entry === undefined) return;
  const { kind, addon, app, id } = entry.operation;
  context.tell({
    type: 'note',
    message: `Recovering an interrupted ${kind} of ${addon}${app ? ` for ${app.name}` : ''} (operation ${id})`,
  });
  try {
    await settle(context, entry);
  } finally {
    await disown(store, entry);
  }
}

async function settle(context: Context, entry: Entry): Promise<void> {
  const { store } = context;
  const { kind, addon: name } = entry.operation;
  if (!isInstalled(store.platform, name)) {
    await quarantine(store, entry, `the add-on ${name} is no longer installed`);
    throw quarantined({ ...entry, quarantine: `the add-on ${name} is no longer installed` });
  }
  prepareAddonData(store, name);
  const addon = loadAddon(store.platform, name, context.scripts, context.timeout);
  const ended = await SETTLE[kind](context, entry, addon, true);
  if (ended.end === 'left') throw ended.why;
  if (ended.end === 'quarantined') throw quarantined({ ...entry, quarantine: ended.reason });
  if (ended.end === 'failed') context.tell({ type: 'warning', message: ended.why.message });
}

const SETTLE = { add: settleAdd, remove: settleRemove, enable: settleEnable, disable: settleDisable };

const lockOf = <T>(context: Context, { operation }: Entry, work: () => Promise<T>): Promise<T> =>
  operation.app ? lockApp(context, operation.app, work) : lockAddon(context, operation.addon, work);

export const quarantined = ({ operation, quarantine: reason }: Entry): AddonsError =>
  new AddonsError(
    'quarantined',
    `An earlier ${operation.kind} of ${operation.addon}${operation.app ? ` for ${operation.app.name}` : ''} needs a person: ${reason}.`,
    {
      hint: `Look at it with "addons check"; its files lie in the journal under ${operation.id}.`,
      details: { operation: operation.id, addon: operation.addon, ...(operation.app && { app: operation.app.name }) },
    },
  );
