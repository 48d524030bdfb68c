import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { configEnvironment } from '../addon/configuration.ts';
import { SCRIPTS } from '../addon/contract.ts';
import { AddonsError } from '../errors.ts';
import { checkAddonName, isAddonName } from '../names.ts';
import type { Platform } from '../platform.ts';
import { isInstalled, loadAddon, overridesOf, readDescriptor } from '../scripts/addon.ts';
import { hasScript, locateScript } from '../scripts/locate.ts';
import { hasData } from '../state/addon-data.ts';
import { prepareStore } from '../state/store.ts';
import { isInside, isSameTree, readTree } from '../state/tree.ts';
import { installedNames } from './addons.ts';
import type { Context } from './context.ts';
import { copyAddon } from './copy-addon.ts';
import { findSource } from './install-source.ts';
import { lockAddon } from './locks.ts';
import { logged } from './logged.ts';
import type { InstallResult } from './results.ts';

/**
 * Copies an add-on, a directory or one that comes with this package, to the add-ons directory: whole or not at all.
 *
 * @throws {AddonsError} `usage`, `addon-not-found`; `script-not-found`, `malformed`, `permission` for a directory that is no sound
 * add-on; `conflict` where the name or the variable is taken
 */
export async function install(context: Context, word: string, as?: string): Promise<InstallResult> {
  const source = findSource(context.store.platform, word);
  const name = checkName(as ?? source.name, as === undefined, word);
  const job = { word, from: source.directory, name };
  if (context.dryRun) return plan(context, job);
  const result = await logged(context, { what: 'install', addon: name }, (context) => carryOut(context, job));
  await context.triggers.tell('install', [name], { outcome: result.outcome === 'done' ? 'done' : 'unchanged' });
  return result;
}

interface Job {
  /** As it was typed, for hints. */
  word: string;
  from: string;
  name: string;
}

function plan(context: Context, job: Job): InstallResult {
  const { platform } = context.store;
  const result = examine(context, job);
  if (isThereAlready(platform, job)) return { ...result, outcome: 'unchanged' };
  refuseClash(platform, job);
  return { ...result, outcome: 'planned', steps: [`copy ${job.from} to ${platform.addonRoot(job.name)}`] };
}

async function carryOut(context: Context, job: Job): Promise<InstallResult> {
  const { store, tell } = context;
  const { name, from } = job;
  const result = examine(context, job);
  if (isThereAlready(store.platform, job)) return { ...result, outcome: 'unchanged' };
  refuseClash(store.platform, job);
  prepareStore(store);
  tell({ type: 'step', message: `Installing ${name}` });
  const copy = await copyAddon(store, from, name);
  try {
    return await lockAddon(context, name, async () => {
      if (isThereAlready(store.platform, job)) return { ...result, outcome: 'unchanged' }; // another was faster
      await copy.publish();
      if (hasData(store, name)) tell({ type: 'note', message: earlierData(store.platform, name) });
      return { ...result, outcome: 'done' };
    });
  } finally {
    await copy.discard();
  }
}

/** All that can be said of the source without the place it goes to. */
function examine(context: Context, { from, name }: Job): Omit<InstallResult, 'outcome'> {
  const { platform } = context.store;
  refuseAround(platform, from);
  const { version, config } = readDescriptor(from);
  configEnvironment(config); // throws for keys that no script could be given
  checkScripts(context, from);
  readTree(from);
  const overrides = overridesOf(platform, name);
  if (overrides !== undefined) warnOfOverrides(context, from, name);
  return {
    addon: name,
    source: from,
    ...(version !== undefined && { version }),
    configVar: platform.configVar(name),
    ...(overrides !== undefined && { overrides }),
    steps: [],
  };
}

function checkScripts({ tell }: Context, from: string): void {
  const required = SCRIPTS.filter(({ required }) => required).map(({ name }) => name);
  const missing = required.filter((name) => !existsSync(join(from, name)));
  if (missing.length > 0) throw noAddon(from, missing, required);
  for (const name of required) locateScript(from, name);
  for (const { name } of SCRIPTS) {
    if (!existsSync(join(from, name)) || hasScript(from, name)) continue;
    tell({ type: 'warning', message: `${join(from, name)} is not executable: it counts as not there.` });
  }
}

/** They are the operator's: wrong ones stop the enable, where they can be mended. */
function warnOfOverrides({ store, scripts, tell }: Context, from: string, name: string) {
  try {
    loadAddon({ ...store.platform, addonRoot: () => from }, name, scripts);
  } catch (error) {
    if (!(error instanceof AddonsError)) throw error;
    tell({ type: 'warning', message: [error.message, error.hint].filter(Boolean).join(' ') });
  }
}

/** @throws {AddonsError} `conflict` where another add-on has the name */
function isThereAlready(platform: Platform, { word, from, name }: Job): boolean {
  if (!isInstalled(platform, name)) return false;
  const root = platform.addonRoot(name);
  if (isSameTree(from, readTree(from), root)) return true;
  throw new AddonsError('conflict', `There is another ${name} in ${root} already: nothing was changed.`, {
    hint: `To have both: addons install ${word} --as <name>. To replace one that nothing uses: addons uninstall ${name}, then this again. To update one that is used: put the new files there by hand, then addons enable ${name} --again`,
    details: { addon: name },
  });
}

/** An enable would refuse it, later. */
function refuseClash(platform: Platform, { word, name }: Job): void {
  const variable = platform.configVar(name);
  const other = installedNames(platform).find((one) => one !== name && platform.configVar(one) === variable);
  if (other === undefined) return;
  throw new AddonsError('conflict', `${name} and the installed add-on ${other} would both set ${variable}.`, {
    hint: `Install it by another name: addons install ${word} --as <name>`,
    details: { addon: name },
  });
}

/** A copy would go on into itself. */
function refuseAround({ addonsRoot }: Platform, from: string): void {
  const target = existsSync(addonsRoot) ? realpathSync.native(addonsRoot) : addonsRoot;
  if (!isInside(from, target)) return;
  throw new AddonsError('usage', `${from} holds the add-ons directory ${addonsRoot}: it is no add-on.`, {
    hint: "Name the add-on's own directory.",
  });
}

function checkName(name: string, isOfDirectory: boolean, word: string): string {
  if (!isOfDirectory || isAddonName(name)) return checkAddonName(name);
  throw new AddonsError('usage', `The directory's name ${JSON.stringify(name)} is no name for an add-on.`, {
    hint: `Give it one: addons install ${word} --as <name>`,
  });
}

const noAddon = (from: string, missing: string[], required: string[]) =>
  new AddonsError('script-not-found', `${from} is no add-on: it has no ${missing.join(', ')}.`, {
    hint: `Name the add-on's own directory. Every add-on has the scripts ${required.join(', ')}.`,
  });

const earlierData = (platform: Platform, name: string) =>
  `An earlier ${name} left data in ${platform.addonData(name)}: this one gets them.`;
