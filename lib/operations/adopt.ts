import type { Resource } from '../app/addons-file.ts';
import { AddonsError } from '../errors.ts';
import { appendLine, writeNames } from '../state/app-changes.ts';
import { extraNames, lineOf } from '../state/app-files.ts';
import { type App, findApp } from '../state/apps.ts';
import { deleteEntry, type Entry } from '../state/journal.ts';
import { isKept, setKept } from '../state/kept.ts';
import { prepareAddonData } from '../state/store.ts';
import { enabledAddon } from './addons.ts';
import { beginOnApp, carryThrough } from './begin.ts';
import { type Context, uninterrupted } from './context.ts';
import { giveName, refuseTakenName } from './extra-names.ts';
import { gate } from './gate.ts';
import { lockAddon, lockApp } from './locks.ts';
import { logged } from './logged.ts';
import { noResource } from './no-resource.ts';
import { onPair } from './on-pair.ts';
import type { AdoptOptions, AdoptResult } from './results.ts';
import { checkLine, refuseHeld, vouch, withoutPrivate } from './vouch.ts';

/** Gives the app a line for a resource that exists already. */
export async function adopt(
  context: Context,
  app: string,
  addon: string,
  { id, private: secret }: { id: string; private?: string | undefined },
  options: AdoptOptions = {},
): Promise<AdoptResult> {
  const line = { addon, id, private: secret ?? '' };
  checkLine(line);
  if (context.dryRun) return plan(context, app, line, options);
  const has = lineOf(findApp(context.store.platform, app), addon) !== undefined;
  if (!has && secret === undefined) throw withoutPrivate(id);
  return logged(context, { what: 'adopt', app, addon }, (context) => carryOut(context, app, line, has, options));
}

async function carryOut(
  context: Context,
  appName: string,
  line: Resource,
  has: boolean,
  options: AdoptOptions,
): Promise<AdoptResult> {
  const { addon: name, id } = line;
  const env = options.env === undefined ? [] : [options.env];
  enabledAddon(context, name);
  const url = has ? undefined : await vouch(context, appName, line);
  const begun = await beginOnApp(context, 'adopt', appName, name, async (app, now) => {
    if (now) return sameOr(app, now, line);
    if (url === undefined) throw changedMeanwhile(appName); // its line went after we looked
    for (const one of env) await refuseTakenName(context, app, name, one, url);
    return { resource: id, ...(env.length > 0 && { env }) };
  });
  if (!begun.begun) return change(context, appName, line, options);
  const { entry, app } = begun;
  return carryThrough(context, entry, async () => {
    await gate(context, entry);
    await withdrawIfHeld(context, entry, line);
    context.tell({ type: 'step', message: `Adopting ${id} of ${name} for ${appName}` });
    if (options.keep !== undefined) await mark(context, line, options.keep);
    await commit(context, entry, app, line, env);
    return resultOf(context, app, line, { outcome: 'done', env });
  });
}

async function withdrawIfHeld(context: Context, entry: Entry, line: Resource) {
  try {
    refuseHeld(context, entry, line);
  } catch (error) {
    await deleteEntry(context.store, entry);
    throw error;
  }
}

async function commit(context: Context, entry: Entry, app: App, line: Resource, env: string[]): Promise<void> {
  const { store } = context;
  await lockApp(uninterrupted(context), app, async () => {
    const now = findApp(store.platform, app.name); // deleted meanwhile: not found
    if (now.key !== app.key) throw changedMeanwhile(app.name);
    await writeNames(store, now, line.addon, env);
    await appendLine(store, now, line);
    await deleteEntry(store, entry);
  });
}

/** The app has the resource: only its mark and its names may change. */
async function change(context: Context, appName: string, line: Resource, options: AdoptOptions): Promise<AdoptResult> {
  const app = findApp(context.store.platform, appName);
  const marked = options.keep !== undefined && (await markHeld(context, appName, line, options.keep));
  const named =
    options.env !== undefined && (await giveName(context, appName, line.addon, options.env)).outcome === 'done';
  return resultOf(context, app, line, {
    outcome: marked || named ? 'done' : 'unchanged',
    env: extraNames(app, line.addon),
  });
}

const mark = (context: Context, { addon, id }: Resource, keep: boolean): Promise<boolean> => {
  prepareAddonData(context.store, addon);
  return lockAddon(uninterrupted(context), addon, () => setKept(context.store, addon, id, keep));
};

/** Under the app's lock and beside no operation: a remove that has begun would not look at the mark any more. */
async function markHeld(context: Context, appName: string, line: Resource, keep: boolean): Promise<boolean> {
  const { marked } = await onPair(context, appName, line.addon, async (app) => {
    const has = lineOf(app, line.addon);
    if (has?.id !== line.id) throw noResource(context, appName, line.addon);
    return { marked: await mark(context, line, keep) };
  });
  return marked;
}

const changedMeanwhile = (app: string) =>
  new AddonsError('conflict', `${app} changed at the same moment: nothing was adopted.`, {
    hint: 'Run the command again.',
  });

function sameOr(app: App, has: Resource, { addon, id }: Resource): undefined {
  if (has.id === id) return undefined;
  throw new AddonsError('conflict', `${app.name} has another ${addon}, ${has.id}: nothing was changed.`, {
    hint: `Put that one in the trash first: addons remove ${app.name} ${addon} --keep-for 7d`,
    details: { app: app.name, addon },
  });
}

async function plan(context: Context, appName: string, line: Resource, options: AdoptOptions): Promise<AdoptResult> {
  const { addon, id } = line;
  enabledAddon(context, addon);
  const app = findApp(context.store.platform, appName);
  const has = lineOf(app, addon);
  if (has) sameOr(app, has, line);
  const env = has ? extraNames(app, addon) : [];
  if (options.env !== undefined && !env.includes(options.env)) await refuseTakenName(context, app, addon, options.env);
  const steps = [
    ...(has ? [] : [`add the line of ${id} to ${app.dir}/ADDONS`]),
    ...(options.keep === undefined || options.keep === isKept(context.store, addon, id)
      ? []
      : [options.keep ? `mark ${id} as never to be unprovisioned` : `take the mark from ${id}: remove destroys it`]),
    ...(options.env === undefined || env.includes(options.env) ? [] : [`name its variable ${options.env}, too`]),
  ];
  return resultOf(context, app, line, { outcome: steps.length > 0 ? 'planned' : 'unchanged', env, steps });
}

function resultOf(
  { store }: Context,
  app: App,
  { addon, id }: Resource,
  { outcome, env, steps = [] }: Pick<AdoptResult, 'outcome' | 'env'> & { steps?: string[] },
): AdoptResult {
  const configVar = store.platform.configVar(addon);
  return { app: app.name, addon, outcome, id, configVar, env, kept: isKept(store, addon, id), steps };
}
