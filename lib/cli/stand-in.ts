import { AddonsError } from '../errors.ts';
import type { Addons } from '../operations/results.ts';
import type { CommandEntry } from './command-entry.ts';
import type { StandIn } from './operands.ts';
import type { Reporter } from './reporter.ts';
import { REMEMBERED, type UsedApp, type UsedAppPlace, usedApp } from './used-app.ts';

/** The used app, for a command that asks for it; told where the command changes something. */
export interface OpenStandIn extends StandIn {
  /** What was asked for and given. */
  taken(): UsedApp | undefined;
}

export function openStandIn(report: Reporter, { tellsApp }: CommandEntry, place: UsedAppPlace): OpenStandIn {
  let taken: UsedApp | undefined;
  return {
    variable: place.variable,
    taken: () => taken,
    app: () => {
      taken = usedApp(place, report.warn);
      if (taken && tellsApp) report.note(`Using ${taken.app} (${taken.from}).`);
      return taken?.app;
    },
  };
}

/** @throws {AddonsError} `app-not-found`, told here, where it is known that nobody named the app in this command */
export async function checkExists(used: UsedApp, addons: Addons): Promise<void> {
  // Who may not list the apps may still use theirs.
  const apps = await addons.apps().catch(() => [used.app]);
  if (!apps.includes(used.app)) throw gone(used);
}

/** The error, or a better one where it is about the app that was taken. */
export const explained = (error: unknown, taken: UsedApp | undefined): unknown =>
  taken && error instanceof AddonsError && error.code === 'app-not-found' && error.details.app === taken.app
    ? gone(taken)
    : error;

const gone = ({ app, from }: UsedApp): AddonsError =>
  new AddonsError('app-not-found', `There is no app "${app}", which ${from} names.`, {
    hint: from === REMEMBERED ? 'Choose another, or forget it: addons use --none' : `Correct ${from}.`,
    details: { app },
  });
