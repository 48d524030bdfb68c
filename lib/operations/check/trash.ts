import { join } from 'node:path';
import { AddonsError } from '../../errors.ts';
import { isInstalled } from '../../scripts/addon.ts';
import { addonsIfReadable } from '../../state/app-files.ts';
import { allApps } from '../../state/apps.ts';
import { readJournal } from '../../state/journal.ts';
import { isKept } from '../../state/kept.ts';
import { readRecord, type TrashRecord, trashedOperations } from '../../state/trash.ts';
import type { Context } from '../context.ts';
import type { Finding } from '../results.ts';

/** Records of the trash that nothing can be done with, or that a line contradicts. */
export function checkTrash(context: Context): Finding[] {
  const { store } = context;
  return trashedOperations(store).flatMap((operation): Finding[] => {
    const path = join(store.platform.trash, operation);
    try {
      const record = readRecord(store, operation);
      return record ? stateOf(context, record, path) : [];
    } catch (error) {
      if (!(error instanceof AddonsError)) throw error;
      return [
        {
          ...about,
          severity: 'error',
          message: error.message,
          ...(error.hint && { hint: error.hint }),
          operation,
          path,
        },
      ];
    }
  });
}

const about = { kind: 'trash' } as const;

function stateOf(context: Context, record: TrashRecord, path: string): Finding[] {
  const { store } = context;
  const { addon, id, app, operation } = record;
  const at = { ...about, app: app.name, addon, id, operation, path };
  const what = `${id} of ${addon}, which ${app.name} had, is in the trash`;
  if (!isInstalled(store.platform, addon) && !isKept(store, addon, id)) {
    const hint = `Install ${addon} again; if the resource is gone for good: addons trash --empty --forget`;
    return [{ ...at, severity: 'error', message: `${what}, but ${addon} is not installed.`, hint }];
  }
  if (isUnderWay(context, record)) return [];
  const holder = holderOf(context, record);
  // Asked again: an undo may have begun after the first look, and then it is it that wrote the line.
  if (holder === undefined || isUnderWay(context, record) || readRecord(store, operation) === undefined) return [];
  const hint = 'The line counts: when the trash is emptied, only the record goes.';
  return [{ ...at, severity: 'warning', message: `${what}, but ${holder} holds it.`, hint }];
}

/** A remove writes the record before it drops the line, an undo the line before it deletes the record. */
function isUnderWay({ store }: Context, { operation }: TrashRecord): boolean {
  try {
    return readJournal(store).some((entry) => [entry.operation.id, entry.operation.trashed].includes(operation));
  } catch (error) {
    if (error instanceof AddonsError) return true; // who knows; it is reported with the journal
    throw error;
  }
}

const holderOf = ({ store }: Context, { addon, id }: TrashRecord): string | undefined =>
  allApps(store.platform).find((app) =>
    addonsIfReadable(app)?.resources.some((line) => line.addon === addon && line.id === id),
  )?.name;
