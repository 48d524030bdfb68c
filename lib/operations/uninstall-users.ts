import { AddonsError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { readDescriptor } from '../scripts/addon.ts';
import { readAddons } from '../state/app-files.ts';
import { readApps } from '../state/apps.ts';
import { keptIds } from '../state/kept.ts';
import { readTrash } from '../state/trash.ts';
import { installedNames } from './addons.ts';
import type { Context } from './context.ts';

/**
 * Refuses while a line, a trash record or a kept mark names the add-on: without its scripts the resource could not be reached
 * any more. An ADDONS file or a record that cannot be read may name it.
 *
 * @throws {AddonsError} `in-use`; `malformed`, `permission`, `io` for what cannot be read
 */
export function refuseUsed({ store }: Context, addon: string): void {
  // Lines before trash: a remove takes a resource that way.
  const apps = readApps(store.platform, (app) =>
    readAddons(app).parsed.resources.some((line) => line.addon === addon) ? [app.name] : [],
  ).flat();
  if (apps.length > 0) throw inUse(addon, apps);
  const { records, unreadable } = readTrash(store);
  if (unreadable[0]) throw unreadable[0];
  const trashed = records.filter((record) => record.addon === addon).length;
  if (trashed > 0) throw inTrash(addon, trashed);
  const kept = [...keptIds(store, addon)];
  if (kept.length > 0) throw isKept(addon, kept, store.platform.kept(addon));
}

/** Refuses while another add-on gets programs and libraries of it. @throws {AddonsError} `in-use` */
export function refuseInherited({ store }: Context, addon: string): void {
  const heirs = installedNames(store.platform).filter((name) => inheritsOf(store.platform, name).includes(addon));
  if (heirs.length === 0) return;
  throw refusal(
    addon,
    `${count(heirs.length, 'add-on')} inherit from ${addon}: ${few(heirs)}.`,
    'Uninstall them first.',
  );
}

/** What cannot be understood works with nobody's programs. */
function inheritsOf(platform: Platform, name: string): string[] {
  try {
    return readDescriptor(platform.addonRoot(name)).inherits;
  } catch {
    return [];
  }
}

const inUse = (addon: string, apps: string[]) =>
  refusal(
    addon,
    `${addon} is in use by ${count(apps.length, 'app')}: ${few(apps)}.`,
    `Enable it and remove it from them, or drop the lines only: addons remove <app> ${addon} --forget`,
  );

const inTrash = (addon: string, records: number) =>
  refusal(
    addon,
    `The trash holds ${count(records, 'resource')} of ${addon}.`,
    `See "addons trash". To destroy them: addons enable ${addon}, then addons trash --empty`,
  );

const isKept = (addon: string, ids: string[], path: string) =>
  refusal(
    addon,
    `${count(ids.length, 'resource')} of ${addon} ${ids.length === 1 ? 'is' : 'are'} marked as kept: ${few(ids)}.`,
    `If nobody needs them any more, remove the list of these marks: rm ${path}`,
  );

const refusal = (addon: string, message: string, hint: string) =>
  new AddonsError('in-use', message, { hint, details: { addon } });

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;

const few = (names: string[]) =>
  names.length > 10 ? `${names.slice(0, 10).join(', ')} and ${names.length - 10} more` : names.join(', ');
