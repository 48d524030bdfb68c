import { AddonsError } from '../errors.ts';
import type { Addon } from '../scripts/addon.ts';
import { lineOf } from '../state/app-files.ts';
import { findApp, followApp } from '../state/apps.ts';
import { deleteEntry, type Entry, isRecoverable, readJournal } from '../state/journal.ts';
import { isEnabled } from '../state/markers.ts';
import { prepareAddonData } from '../state/store.ts';
import { enabledAddon, notEnabled } from './addons.ts';
import { beginOnApp, carryThrough } from './begin.ts';
import type { Context } from './context.ts';
import { busy } from './locks.ts';
import { clearEntry, quarantined } from './recovery/recover.ts';
import { runFor } from './recovery/script-run.ts';
import { type AddEnd, settleAdd } from './recovery/settle-add.ts';
import type { AddResult } from './results.ts';

/** Allocates a resource for the app and records it. The next release hands out its URL. */
export async function add(context: Context, appName: string, addonName: string): Promise<AddResult> {
  const { store } = context;
  if (context.dryRun) return plan(context, appName, addonName);
  await clearAddon(context, addonName);
  const addon = enabledAddon(context, addonName);
  addon.script('provision');
  const begun = await beginOnApp(context, 'add', appName, addonName);
  const result = { app: appName, addon: addonName, configVar: store.platform.configVar(addonName), steps: [] };
  if (!begun.begun) return { ...result, outcome: 'unchanged', ...(begun.line && { id: begun.line.id }) };
  const { entry } = begun;
  return carryThrough(context, entry, async () => {
    await gate(context, entry);
    context.tell({ type: 'step', message: `Adding ${addonName} to ${appName}` });
    prepareAddonData(store, addonName);
    await provision(context, entry, addon);
    return { ...result, outcome: 'done', id: committedId(entry, await settleAdd(context, entry, addon, false)) };
  });
}

function plan(context: Context, appName: string, addonName: string): AddResult {
  const { platform } = context.store;
  const app = findApp(platform, appName);
  enabledAddon(context, addonName);
  const configVar = platform.configVar(addonName);
  const line = lineOf(app, addonName);
  if (line) return { app: appName, addon: addonName, configVar, outcome: 'unchanged', id: line.id, steps: [] };
  return {
    app: appName,
    addon: addonName,
    configVar,
    outcome: 'planned',
    steps: [`run provision of ${addonName}`, `add its line to ${app.dir}/ADDONS`, `the next release sets ${configVar}`],
  };
}

/** What an interrupted enable or disable left is settled first; and what nobody else comes by: the app is gone. */
async function clearAddon(context: Context, addon: string) {
  const { store } = context;
  for (const other of readJournal(store).filter(({ operation }) => operation.addon === addon)) {
    const { kind, app } = other.operation;
    if (app) {
      if (isRecoverable(other) && !followApp(store.platform, app))
        await clearEntry(context, other).catch((error) => context.tell(warning(error)));
    } else if (kind === 'disable' || !isEnabled(store, addon) || isRecoverable(other)) await clearEntry(context, other);
  }
}

const warning = (error: unknown) =>
  ({ type: 'warning', message: error instanceof Error ? error.message : String(error) }) as const;

/** After the entry is written: disable entry first, marker second. One of the two sides always sees the other. */
async function gate({ store }: Context, entry: Entry) {
  const { addon } = entry.operation;
  const disabling = readJournal(store).find(
    ({ operation }) => operation.kind === 'disable' && operation.addon === addon,
  );
  if (!disabling && isEnabled(store, addon)) return;
  await deleteEntry(store, entry);
  throw disabling ? busy(`add-on ${addon}: it is being disabled`, disabling.owner) : notEnabled(addon);
}

async function provision(context: Context, entry: Entry, addon: Addon) {
  await runFor(context, entry, addon, 'provision', [entry.operation.app?.name ?? '']);
}

function committedId(entry: Entry, ended: AddEnd): string {
  if (ended.end === 'committed') return ended.id;
  if (ended.end === 'quarantined') throw quarantined({ ...entry, quarantine: ended.reason });
  throw ended.why ?? new AddonsError('io', `The add of ${entry.operation.addon} ended without a resource.`);
}
