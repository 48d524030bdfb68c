import { AddonsError } from '../errors.ts';
import { checkAddonName } from '../names.ts';
import { isInstalled, readDescriptor } from '../scripts/addon.ts';
import { readJournal } from '../state/journal.ts';
import { isEnabled } from '../state/markers.ts';
import { prepareAddonData, prepareStore } from '../state/store.ts';
import { installedAddon, installedNames, shippedNames } from './addons.ts';
import { beginOnAddon, carryThrough } from './begin.ts';
import type { Context } from './context.ts';
import { putSteps, refreshCrontab } from './crontab.ts';
import { installShipped, newerShipped } from './install-shipped.ts';
import { lockAddon } from './locks.ts';
import { runFor } from './recovery/script-run.ts';
import { settleEnable } from './recovery/settle-enable.ts';
import type { EnableResult } from './results.ts';
import { checkSupervisor, daemonNames, tendDaemons } from './tend-daemons.ts';
import { triggered } from './triggered.ts';

/** Makes an add-on ready for apps; one that ships with this package is installed first. */
export async function enable(context: Context, name: string, again = false): Promise<EnableResult> {
  checkAddonName(name);
  if (context.dryRun) return plan(context, name, again);
  return triggered(context, { what: 'enable', addon: name }, (context) => carryOut(context, name, again));
}

async function carryOut(context: Context, name: string, again: boolean): Promise<EnableResult> {
  const { store } = context;
  const installed = await install(context, name);
  if (installed !== undefined) await context.triggers.tell('install', [name], { outcome: 'done' });
  const addon = installedAddon(context, name);
  const newer = installed === undefined ? newerShipped(store.platform, name) : undefined;
  const result = {
    addon: name,
    ...(installed !== undefined && { installed }),
    ...(newer !== undefined && { newerShipped: newer }),
    steps: [],
  };
  addon.script('enable');
  await checkSupervisor(context, name);
  const entry = await beginOnAddon(context, 'enable', name, () => {
    if (!isInstalled(store.platform, name)) throw uninstalled(name);
    refuseClash(context, name);
    return isEnabled(store, name) && !again;
  });
  if (entry === undefined) {
    await refreshCrontab(context, name);
    await tendDaemons(context, name);
    return { ...result, outcome: 'unchanged' };
  }
  return carryThrough(context, entry, async () => {
    refuseClash(context, name); // again, now that ours is written: of two that begin at once, one sees the other
    context.tell({ type: 'step', message: `Enabling ${name}` });
    prepareAddonData(store, name);
    await runFor(context, entry, addon, 'enable', []);
    const ended = await settleEnable(context, entry, addon, false);
    if (ended.end !== 'committed') throw ended.why;
    return { ...result, outcome: 'done' };
  });
}

function plan(context: Context, name: string, again: boolean): EnableResult {
  const { platform } = context.store;
  const here = isInstalled(platform, name);
  if (!here && !shippedNames(platform).includes(name)) installedAddon(context, name); // says what there is
  refuseClash(context, name);
  const newer = here ? newerShipped(platform, name) : undefined;
  const extra = newer === undefined ? {} : { newerShipped: newer };
  if (isEnabled(context.store, name) && !again) return { addon: name, outcome: 'unchanged', steps: [], ...extra };
  const copy = here ? [] : [`copy the shipped add-on to ${platform.addonRoot(name)}`];
  return {
    addon: name,
    outcome: 'planned',
    steps: [
      ...copy,
      `run enable of ${name}`,
      `write ${platform.marker(name)}`,
      ...putSteps(context, name),
      ...daemonNames(context, name).map((daemon) => `start the daemon ${daemon}`),
    ],
    ...extra,
  };
}

async function install(context: Context, name: string): Promise<string | undefined> {
  const { store } = context;
  const { platform } = store;
  if (isInstalled(platform, name) || !shippedNames(platform).includes(name)) return undefined;
  prepareStore(store);
  return lockAddon(context, name, async () => {
    if (isInstalled(platform, name)) return undefined;
    await installShipped(store, name);
    const { version = '' } = readDescriptor(platform.addonRoot(name));
    context.tell({
      type: 'note',
      message: `Installed the shipped add-on ${name} ${version} in ${platform.addonRoot(name)}`,
    });
    return version;
  });
}

/** An uninstall that comes later sees our entry; one that came before is seen here. */
const uninstalled = (name: string) =>
  new AddonsError('conflict', `${name} was uninstalled at the same moment.`, {
    hint: 'Install it again if it is still wanted.',
    details: { addon: name },
  });

/** Two add-ons of one variable would overwrite each other's URL. */
function refuseClash({ store }: Context, name: string) {
  const { platform } = store;
  const variable = platform.configVar(name);
  // Entries first, then markers: an enable writes its marker before it deletes its entry, so one of the two is seen.
  const enabling = new Set(
    readJournal(store).flatMap(({ operation }) => (operation.kind === 'enable' ? [operation.addon] : [])),
  );
  const other = installedNames(platform).find(
    (one) => one !== name && platform.configVar(one) === variable && (enabling.has(one) || isEnabled(store, one)),
  );
  if (other === undefined) return;
  throw new AddonsError('conflict', `${name} and the enabled add-on ${other} would both set ${variable}.`, {
    hint: `Rename the directory of one of them in ${platform.addonsRoot}, or disable ${other}.`,
    details: { addon: name },
  });
}
