import type { Resource } from '../app/addons-file.ts';
import { AddonsError } from '../errors.ts';
import { addonsIfReadable } from '../state/app-files.ts';
import { type App, readApps } from '../state/apps.ts';
import type { Context } from './context.ts';

/**
 * Two lines of one resource come from outside: what is done to it for one app would be done to the other's.
 *
 * @param end of the message, such as `nothing was removed`
 * @throws {AddonsError} `conflict`
 */
export function refuseShared({ store }: Context, app: App, { addon, id }: Resource, end: string): void {
  const holders = readApps(store.platform, (other) => {
    const lines = other.key === app.key ? [] : (addonsIfReadable(other)?.resources ?? []);
    return lines.some((line) => line.addon === addon && line.id === id) ? [other] : [];
  });
  for (const other of holders.flat()) {
    throw new AddonsError('conflict', `${other.name} holds ${id} of ${addon}, too: ${end}.`, {
      hint: `Find out whose it is, and drop the other's line: addons remove <app> ${addon} --forget`,
      details: { app: app.name, addon },
    });
  }
}
