import { join } from 'node:path';
import { AddonsError } from '../../errors.ts';
import { isInstalled } from '../../scripts/addon.ts';
import { addonsIfReadable } from '../../state/app-files.ts';
import { type App, allApps } from '../../state/apps.ts';
import { readJournal } from '../../state/journal.ts';
import { isKept, keptIds } from '../../state/kept.ts';
import { readRecord, type TrashRecord, trashedOperations } from '../../state/trash.ts';
import { installedNames } from '../addons.ts';
import type { Context } from '../context.ts';
import type { Finding } from '../results.ts';

/** Records of the trash that nothing can be done with, or that a line contradicts. */
export function checkTrash(context: Context): Finding[] {
  const { store } = context;
  const holderOf = lookForHolders(context);
  return trashedOperations(store).flatMap((operation): Finding[] => {
    const path = join(store.platform.trash, operation);
    try {
      const record = readRecord(store, operation);
      return record ? stateOf(context, record, path, holderOf) : [];
    } catch (error) {
      return [{ ...about, operation, path, ...told(error) }];
    }
  });
}

/** Marks that cannot be read: nothing of the add-on is destroyed while nobody knows what is to be spared. */
export const checkKept = ({ store }: Context): Finding[] =>
  installedNames(store.platform).flatMap((addon): Finding[] => {
    try {
      keptIds(store, addon);
      return [];
    } catch (error) {
      return [{ kind: 'unreadable', addon, path: store.platform.kept(addon), ...told(error) }];
    }
  });

function told(error: unknown): Pick<Finding, 'severity' | 'message' | 'hint'> {
  if (!(error instanceof AddonsError)) throw error;
  return { severity: 'error', message: error.message, ...(error.hint && { hint: error.hint }) };
}

const about = { kind: 'trash' } as const;

function stateOf(context: Context, record: TrashRecord, path: string, holderOf: HolderOf): Finding[] {
  const { store } = context;
  const { addon, id, app, operation } = record;
  const at = { ...about, app: app.name, addon, id, operation, path };
  const what = `${id} of ${addon}, which ${app.name} had, is in the trash`;
  if (!isInstalled(store.platform, addon) && !isKept(store, addon, id)) {
    const hint = `Install ${addon} again; if the resource is gone for good: addons trash --empty --forget`;
    return [{ ...at, severity: 'error', message: `${what}, but ${addon} is not installed.`, hint }];
  }
  if (isUnderWay(context, record)) return [];
  const holder = holderOf(record);
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

type HolderOf = (record: TrashRecord) => string | undefined;

/** Every app is read once, whatever the trash holds; the one that is found is read again, as its line may be gone by now. */
function lookForHolders({ store }: Context): HolderOf {
  let lines: Map<string, App> | undefined;
  const read = () =>
    new Map(
      allApps(store.platform).flatMap((app) =>
        (addonsIfReadable(app)?.resources ?? []).map((line) => [`${line.addon};${line.id}`, app] as const),
      ),
    );
  return ({ addon, id }) => {
    lines ??= read();
    const app = lines.get(`${addon};${id}`);
    const holds = app && addonsIfReadable(app)?.resources.some((line) => line.addon === addon && line.id === id);
    return holds ? app.name : undefined;
  };
}
