import { parseIds } from '../addon/contract.ts';
import { type Resource, resourceProblem } from '../app/addons-file.ts';
import { AddonsError } from '../errors.ts';
import { checkAddonName, suggestion } from '../names.ts';
import { hasScript } from '../scripts/locate.ts';
import { addonsIfReadable } from '../state/app-files.ts';
import { allApps, followApp } from '../state/apps.ts';
import type { Entry } from '../state/journal.ts';
import { prepareAddonData } from '../state/store.ts';
import { trashRecords } from '../state/trash.ts';
import { enabledAddon } from './addons.ts';
import type { Context } from './context.ts';
import { capture } from './plain-script.ts';
import { holderOf } from './recovery/holders.ts';
import type { Holder } from './recovery/judge.ts';
import { openUrls } from './urls.ts';

// What a line must fulfil that no provision has printed: a person says that its resource exists.

/** @throws {AddonsError} `usage`: what would be no line */
export function checkLine(line: Resource): void {
  checkAddonName(line.addon);
  const problem = resourceProblem(line);
  if (problem === undefined) return;
  throw new AddonsError('usage', `Such a line would have ${problem}.`, {
    hint: 'An id and a private are one line each, without ";".',
  });
}

export const withoutPrivate = (id: string) =>
  new AddonsError('usage', `The private of ${id} is not known.`, {
    hint: 'Give it on standard input; an empty one for a resource that has no secret.',
  });

/** Its URL, of a resource that exists as far as the add-on can tell: without one the next release would fail. Runs scripts. */
export async function vouch(context: Context, app: string, line: Resource): Promise<string> {
  await refuseUnknown(context, line);
  const urls = openUrls(context, 1);
  return urls.of(line, app).finally(() => urls.close());
}

/** It is nobody's, beside the entry itself. @throws {AddonsError} `conflict` */
export function refuseHeld(context: Context, entry: Entry, { addon, id }: Resource): void {
  const holder = holderOf(context.store, entry, id);
  if (holder === undefined || holder === 'kept') return; // to be spared is to be had
  const [where, hint] = held(context, holder, addon, id);
  throw new AddonsError('conflict', `${id} of ${addon} ${where}: nothing was changed.`, { hint, details: { addon } });
}

function held(
  { store }: Context,
  holder: Exclude<Holder, 'kept' | undefined>,
  addon: string,
  id: string,
): [string, string] {
  if (holder === 'line') {
    const app = allApps(store.platform).find((one) =>
      addonsIfReadable(one)?.resources.some((line) => line.addon === addon && line.id === id),
    );
    const name = app?.name ?? '<app>'; // gone since
    return [
      `belongs to ${app?.name ?? 'another app'}`,
      `Take it from there first: addons remove ${name} ${addon} --forget`,
    ];
  }
  if (holder === 'trash') {
    const record = trashRecords(store).find((one) => one.addon === addon && one.id === id);
    const name = record && (followApp(store.platform, record.app) ?? record.app).name; // it may have been renamed since
    return ['is in the trash', `Bring it back first: addons undo ${name ?? '<app>'} ${addon}`];
  }
  return HELD[holder];
}

const HELD: Record<'own-line' | 'entry' | 'unknown', [string, string]> = {
  'own-line': ['has a line already', 'See: addons list'],
  entry: [
    'is part of an operation under way',
    'Wait for it; one that was interrupted is settled by: addons check --fix',
  ],
  unknown: ['may be in an ADDONS file or a trash record that cannot be read', 'See: addons check'],
};

async function refuseUnknown(context: Context, { addon: name, id, private: secret }: Resource) {
  const addon = enabledAddon(context, name);
  if (!hasScript(addon.root, 'list')) return;
  prepareAddonData(context.store, name);
  const ids = parseIds(await capture(context, addon, 'list', [secret]));
  if (ids.includes(id)) return;
  throw new AddonsError('resource-not-found', `The add-on ${name} knows no resource ${id}.${suggestion(id, ids)}`, {
    hint: 'See what exists with its list script; "addons check" tells which of them no app has.',
    details: { addon: name },
  });
}
