import { type AddonsEnvFile, namesFor } from '../../app/addons-env-file.ts';
import type { AddonsFile } from '../../app/addons-file.ts';
import { AddonsError } from '../../errors.ts';
import { addonsIfReadable, readNames } from '../../state/app-files.ts';
import { type App, allApps } from '../../state/apps.ts';
import { readJournal } from '../../state/journal.ts';
import type { Context } from '../context.ts';
import { isAbout } from '../recovery/entry-fields.ts';
import { variablesOf } from '../release-variables.ts';
import type { Finding } from '../results.ts';

/** The lines of every app's ADDONS.env: malformed, without a resource, in the way of another. */
export const checkNames = (context: Context): Finding[] =>
  allApps(context.store.platform).flatMap((app) => checkApp(context, app));

/**
 * Add-ons with extra names for a resource that the app does not have: they mean nothing. None where that is not certain: a line of
 * ADDONS cannot be understood, or an operation that is under way writes the names before the line.
 */
export function staleNames({ store }: Context, app: App, addons: AddonsFile, { names }: AddonsEnvFile): string[] {
  if (addons.malformed.length > 0) return [];
  const without = [...new Set(names.map(({ addon }) => addon))].filter(
    (addon) => !addons.resources.some((line) => line.addon === addon),
  );
  if (without.length === 0) return [];
  try {
    const entries = readJournal(store);
    return without.filter((addon) => !entries.some((entry) => isAbout(entry, app.key, addon)));
  } catch (error) {
    if (error instanceof AddonsError) return []; // told with the journal
    throw error;
  }
}

function checkApp(context: Context, app: App): Finding[] {
  const about = { app: app.name, severity: 'error' as const };
  try {
    const { parsed, path } = readNames(app);
    const malformed = parsed.malformed.map(
      ({ line, problem }): Finding => ({
        ...about,
        kind: 'malformed-line',
        message: `Line ${line} of ${path} is malformed: ${problem}.`,
        hint: 'A line is addon;NAME. Mend or delete it by hand; it is kept as it is meanwhile.',
        path,
        line,
      }),
    );
    const addons = addonsIfReadable(app);
    if (addons === undefined || parsed.names.length === 0) return malformed;
    return [...malformed, ...stale(context, app, addons, parsed, path), ...clashing(context, app, addons, parsed)];
  } catch (error) {
    if (!(error instanceof AddonsError)) throw error;
    return [{ ...about, kind: 'unreadable', message: error.message, ...(error.hint && { hint: error.hint }) }];
  }
}

const stale = (context: Context, app: App, addons: AddonsFile, names: AddonsEnvFile, path: string): Finding[] =>
  staleNames(context, app, addons, names).map((addon) => ({
    kind: 'stale-name',
    severity: 'warning',
    message: `${path} names ${namesFor(names, addon).join(', ')} for ${addon}, which the app does not have.`,
    hint: 'addons check --fix',
    app: app.name,
    addon,
    path,
  }));

/** Only where an extra name is in it: two add-ons of one standard variable are told with the add-ons. */
function clashing({ store }: Context, app: App, addons: AddonsFile, names: AddonsEnvFile): Finding[] {
  const { clashes } = variablesOf(addons, names, app.name, store.platform.configVar);
  return [...clashes].flatMap(([addon, { message, hint }]): Finding[] =>
    hint === undefined
      ? []
      : [{ kind: 'variable-clash', severity: 'error', message: `${app.name}: ${message}`, hint, app: app.name, addon }],
  );
}
