import { AddonsError } from '../errors.ts';
import { checkAddonName } from '../names.ts';
import type { Addon } from '../scripts/addon.ts';
import { extraNames, lineOf } from '../state/app-files.ts';
import { findApp, followApp } from '../state/apps.ts';
import { type Entry, isRecoverable, type Operation, readJournal } from '../state/journal.ts';
import { isEnabled } from '../state/markers.ts';
import { prepareAddonData } from '../state/store.ts';
import { enabledAddon } from './addons.ts';
import { beginOnApp, carryThrough } from './begin.ts';
import type { Context } from './context.ts';
import { giveName, refuseTakenName } from './extra-names.ts';
import { gate } from './gate.ts';
import { clearEntry, quarantined } from './recovery/recover.ts';
import { runFor } from './recovery/script-run.ts';
import { type AddEnd, settleAdd } from './recovery/settle-add.ts';
import type { AddResult } from './results.ts';
import { triggered } from './triggered.ts';

/** Allocates a resource for the app and records it. The next release hands out its URL. */
export async function add(context: Context, app: string, addon: string, name?: string): Promise<AddResult> {
  checkAddonName(addon);
  if (name !== undefined && lineOf(findApp(context.store.platform, app), addon))
    return giveName(context, app, addon, name);
  const result = await addResource(context, app, addon, { env: name === undefined ? [] : [name] });
  // Another added it at the same moment.
  return name !== undefined && result.outcome === 'unchanged' ? giveName(context, app, addon, name) : result;
}

/** `env`: extra variable names. `copyOf`: whose data it gets before it gets its line. */
export interface Wanted {
  env: string[];
  copyOf?: Operation['copyOf'];
}

export async function addResource(
  context: Context,
  appName: string,
  addonName: string,
  wanted: Wanted,
): Promise<AddResult> {
  if (context.dryRun) return plan(context, appName, addonName, wanted);
  return triggered(context, { what: 'add', app: appName, addon: addonName }, (context) =>
    carryOut(context, appName, addonName, wanted),
  );
}

async function carryOut(context: Context, appName: string, addonName: string, wanted: Wanted): Promise<AddResult> {
  const { store } = context;
  await clearAddon(context, addonName);
  const addon = enabledAddon(context, addonName);
  addon.script('provision');
  const begun = await beginOnApp(context, 'add', appName, addonName, async (app, line) => {
    if (line) return undefined;
    for (const name of wanted.env) await refuseTakenName(context, app, addonName, name);
    return { ...(wanted.env.length > 0 && { env: wanted.env }), ...(wanted.copyOf && { copyOf: wanted.copyOf }) };
  });
  const result = { app: appName, addon: addonName, configVar: store.platform.configVar(addonName), steps: [] };
  if (!begun.begun) {
    const env = extraNames(begun.app, addonName);
    return { ...result, env, outcome: 'unchanged', ...(begun.line && { id: begun.line.id }) };
  }
  const { entry } = begun;
  return carryThrough(context, entry, async () => {
    await gate(context, entry);
    context.tell({ type: 'step', message: `Adding ${addonName} to ${appName}` });
    prepareAddonData(store, addonName);
    await provision(context, entry, addon);
    const id = committedId(entry, await settleAdd(context, entry, addon, false));
    return { ...result, env: wanted.env, outcome: 'done', id };
  });
}

async function plan(context: Context, appName: string, addonName: string, { env, copyOf }: Wanted): Promise<AddResult> {
  const { platform } = context.store;
  const app = findApp(platform, appName);
  enabledAddon(context, addonName);
  const configVar = platform.configVar(addonName);
  const line = lineOf(app, addonName);
  const result = { app: appName, addon: addonName, configVar };
  if (line) return { ...result, env: extraNames(app, addonName), outcome: 'unchanged', id: line.id, steps: [] };
  for (const name of env) await refuseTakenName(context, app, addonName, name);
  return {
    ...result,
    env,
    outcome: 'planned',
    steps: [
      `run provision of ${addonName}`,
      ...(copyOf ? [`run dump for ${copyOf.resource} of ${copyOf.name}, and restore with what it printed`] : []),
      `add its line to ${app.dir}/ADDONS`,
      `the next release sets ${[configVar, ...env].join(' and ')}`,
    ],
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

async function provision(context: Context, entry: Entry, addon: Addon) {
  await runFor(context, entry, addon, 'provision', [entry.operation.app?.name ?? '']);
}

function committedId(entry: Entry, ended: AddEnd): string {
  if (ended.end === 'committed') return ended.id;
  if (ended.end === 'quarantined') throw quarantined({ ...entry, quarantine: ended.reason });
  throw ended.why ?? new AddonsError('io', `The add of ${entry.operation.addon} ended without a resource.`);
}
