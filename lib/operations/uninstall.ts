import { existsSync, lstatSync } from 'node:fs';
import { AddonsError } from '../errors.ts';
import { checkAddonName } from '../names.ts';
import { overridesOf } from '../scripts/addon.ts';
import { servicesOf } from '../services/unit.ts';
import { dropEmptyData, hasData } from '../state/addon-data.ts';
import { temporaryPath } from '../state/atomic-file.ts';
import { dropCronState } from '../state/cron-state.ts';
import { isRoot } from '../state/directory.ts';
import { type Entry, readJournal } from '../state/journal.ts';
import { isEnabled } from '../state/markers.ts';
import { dropVersions, placeOf, versionOf } from '../state/versions.ts';
import { installedAddon, shippedNames } from './addons.ts';
import { prepare } from './begin.ts';
import type { Context } from './context.ts';
import { clearCrontab, takeSteps } from './crontab.ts';
import { lockAddon } from './locks.ts';
import { logged } from './logged.ts';
import { dropConfig, isEditedConfig } from './operator-config.ts';
import { clearEntry } from './recovery/recover.ts';
import type { UninstallResult } from './results.ts';
import { refuseInherited, refuseUsed } from './uninstall-users.ts';

/**
 * Takes an add-on that is disabled, and that nothing names, out of the add-ons directory.
 *
 * @throws {AddonsError} `addon-not-found`, `in-use`, `busy`, `quarantined`, `malformed`, `permission`
 */
export async function uninstall(context: Context, name: string, clean = false): Promise<UninstallResult> {
  checkAddonName(name);
  if (context.dryRun) return plan(context, name, clean);
  return logged(context, { what: 'uninstall', addon: name }, (context) => carryOut(context, name, clean));
}

function plan(context: Context, name: string, clean: boolean): UninstallResult {
  const { store } = context;
  const { platform } = store;
  if (placeOf(platform, name) === 'nothing') return absent(context, name);
  refuseEnabled(context, name);
  const open = openEntry(context, name);
  if (open) throw underWay(open);
  refuseUsed(context, name);
  refuseInherited(context, name);
  const root = platform.addonRoot(name);
  refuseForeign(root);
  const data = platform.addonData(name);
  const drop = existsSync(data) && !hasData(store, name) ? [`remove ${data}, which is empty`] : [];
  const file = platform.addonConfig(name);
  const isEdited = isEditedConfig(store, name);
  const configured = existsSync(file) && (clean || !isEdited) ? [`remove ${file}`] : [];
  return {
    ...remains(context, name, isEdited && !clean ? file : undefined),
    outcome: 'planned',
    steps: [`remove ${root}`, ...drop, ...configured, ...takeSteps(context, name)],
  };
}

async function carryOut(context: Context, name: string, clean: boolean): Promise<UninstallResult> {
  const { store } = context;
  if (placeOf(store.platform, name) === 'nothing') return absent(context, name);
  await prepare(context);
  await clearCrontab(context, name); // a disable that could not leaves its jobs
  for (;;) {
    const found = await lockAddon(context, name, () => takeAway(context, name, clean));
    if (found === undefined) return absent(context, name);
    if ('open' in found) await clearEntry(context, found.open);
    else {
      await removeFiles(context, name, found);
      return { ...remains(context, name, found.config), outcome: 'done', steps: [] };
    }
  }
}

/** What was taken from its place, and the operator's file where that stays. */
interface Taken {
  away: string;
  version: string | undefined;
  config: string | undefined;
}

/**
 * Entries come before what they lead to: an enable writes its entry under this lock and before its marker, and every other
 * operation withdraws when it finds the add-on not enabled after it has written its own.
 */
async function takeAway(context: Context, name: string, clean: boolean): Promise<{ open: Entry } | Taken | undefined> {
  const { platform, disk } = context.store;
  if (placeOf(platform, name) === 'nothing') return undefined; // another was faster
  refuseEnabled(context, name);
  const open = openEntry(context, name);
  if (open) return { open };
  refuseUsed(context, name);
  refuseInherited(context, name);
  const root = platform.addonRoot(name);
  refuseForeign(root);
  const version = versionOf(platform, root);
  const isEdited = isEditedConfig(context.store, name); // told by the add-on's own values, while they are there
  context.tell({ type: 'step', message: `Uninstalling ${name}` });
  const away = temporaryPath(root);
  await disk.rename(root, away);
  await disk.sync(platform.addonsRoot);
  await dropEmptyData(context.store, name);
  if (clean || !isEdited) await dropConfig(context.store, name);
  return { away, version, config: isEdited && !clean ? platform.addonConfig(name) : undefined };
}

/** A disable under way is waited for, or brought to its end. */
function refuseEnabled({ store }: Context, name: string): void {
  const isBeingDisabled = readJournal(store).some(
    ({ operation: { kind, addon } }) => kind === 'disable' && addon === name,
  );
  if (isBeingDisabled || !isEnabled(store, name)) return;
  throw new AddonsError('in-use', `The add-on ${name} is enabled.`, {
    hint: `Disable it first: addons disable ${name}`,
    details: { addon: name },
  });
}

const openEntry = ({ store }: Context, name: string): Entry | undefined =>
  readJournal(store).find(({ operation }) => operation.addon === name);

/** Its name is free already: what cannot be removed now, the next install or `check --fix` removes. */
async function removeFiles({ store, tell }: Context, name: string, { away, version }: Taken): Promise<void> {
  try {
    await store.disk.removeTree(away);
    await store.disk.removeTree(servicesOf(store.platform, name));
    await dropVersions(store, name, version);
    await dropCronState(store, name);
  } catch (error) {
    const why = error instanceof AddonsError ? error.message : String(error);
    tell({ type: 'warning', message: `${version ?? away} was left, and is removed by "addons check --fix": ${why}` });
  }
}

/** Root's directory can be renamed by the platform's user, but what is in it not be removed. */
function refuseForeign(root: string): void {
  const { uid } = lstatSync(root);
  if (isRoot() || uid === process.geteuid?.()) return;
  throw new AddonsError('permission', `${root} belongs to user ${uid}.`, {
    hint: 'Run the command as that user or as root.',
  });
}

function absent(context: Context, name: string): UninstallResult {
  const { platform } = context.store;
  if (!shippedNames(platform).includes(name)) installedAddon(context, name); // says what there is
  return { ...remains(context, name), outcome: 'unchanged', steps: [] };
}

/** What is not removed: the data, and the files that somebody wrote. */
function remains(
  { store }: Context,
  name: string,
  config?: string,
): Pick<UninstallResult, 'addon' | 'left' | 'overrides' | 'config'> {
  const overrides = overridesOf(store.platform, name);
  return {
    addon: name,
    ...(hasData(store, name) && { left: store.platform.addonData(name) }),
    ...(overrides !== undefined && { overrides }),
    ...(config !== undefined && { config }),
  };
}

const underWay = ({ operation: { id, kind, addon, app } }: Entry) =>
  new AddonsError('in-use', `An operation of ${addon} is under way: ${kind}${app ? ` for ${app.name}` : ''}.`, {
    hint: 'Wait for it; one that was interrupted is settled by: addons check --fix',
    details: { addon, operation: id },
  });
