import { AddonsError } from '../errors.ts';
import { checkAddonName } from '../names.ts';
import { lineOf } from '../state/app-files.ts';
import { type App, findApp, followApp } from '../state/apps.ts';
import { type TrashRecord, trashRecords } from '../state/trash.ts';
import { enabledAddon } from './addons.ts';
import { beginOnApp, carryThrough } from './begin.ts';
import { clearRivals } from './clear-rivals.ts';
import type { Context } from './context.ts';
import { refuseTakenName } from './extra-names.ts';
import { logged } from './logged.ts';
import { settleUndo } from './recovery/settle-undo.ts';
import type { UndoResult } from './results.ts';

/** Brings back what was last put in the trash for the app: line and variable names as they were. */
export async function undo(context: Context, appName: string, addonName: string): Promise<UndoResult> {
  checkAddonName(addonName);
  if (context.dryRun) return plan(context, appName, addonName);
  return logged(context, { what: 'undo', app: appName, addon: addonName }, (context) =>
    carryOut(context, appName, addonName),
  );
}

async function carryOut(context: Context, appName: string, addonName: string): Promise<UndoResult> {
  enabledAddon(context, addonName);
  let record: TrashRecord | undefined;
  const begun = await beginOnApp(context, 'undo', appName, addonName, async (app, line) => {
    record = recordOf(context, app, addonName);
    if (line) throw hasAnother(app, addonName);
    for (const name of record.env) await refuseTakenName(context, app, addonName, name);
    const { id, operation, env } = record;
    return { resource: id, trashed: operation, ...(env.length > 0 && { env }) };
  });
  if (!begun.begun || record === undefined) throw nothingToUndo(appName, addonName);
  const { entry } = begun;
  const found = record;
  return carryThrough(context, entry, async () => {
    await clearRivals(context, entry);
    const ended = await settleUndo(context, entry);
    if (ended.end === 'withdrawn') throw ended.why;
    return resultOf(context, found, appName, 'done');
  });
}

/** The newest record of this app; of one of its name that is gone, where there is none. @throws `resource-not-found` */
function recordOf({ store }: Context, app: App, addon: string): TrashRecord {
  const records = trashRecords(store).filter((record) => record.addon === addon);
  const own = records.findLast((record) => record.app.key === app.key);
  const orphaned = records.findLast(
    (record) => record.app.name === app.name && followApp(store.platform, record.app) === undefined,
  );
  const record = own ?? orphaned;
  if (record) return record;
  throw nothingToUndo(app.name, addon);
}

function plan(context: Context, appName: string, addonName: string): UndoResult {
  enabledAddon(context, addonName);
  const app = findApp(context.store.platform, appName);
  const record = recordOf(context, app, addonName);
  if (lineOf(app, addonName)) throw hasAnother(app, addonName);
  return resultOf(context, record, appName, 'planned', [
    `write the line of ${record.id} to ${app.dir}/ADDONS`,
    `take ${record.id} out of the trash`,
  ]);
}

function resultOf(
  { store }: Context,
  { addon, id, env }: TrashRecord,
  app: string,
  outcome: UndoResult['outcome'],
  steps: string[] = [],
): UndoResult {
  return { app, addon, outcome, id, configVar: store.platform.configVar(addon), env, steps };
}

const hasAnother = (app: App, addon: string) =>
  new AddonsError('conflict', `${app.name} has another ${addon} by now: nothing was brought back.`, {
    hint: `Put that one in the trash first: addons remove ${app.name} ${addon} --keep-for 7d`,
    details: { app: app.name, addon },
  });

const nothingToUndo = (app: string, addon: string) =>
  new AddonsError('resource-not-found', `There is no ${addon} of ${app} in the trash.`, {
    hint: 'See what is: addons trash',
    details: { app, addon },
  });
