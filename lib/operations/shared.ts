import type { Resource } from '../app/addons-file.ts';
import { AddonsError } from '../errors.ts';
import { addonsIfReadable } from '../state/app-files.ts';
import { type App, readApps } from '../state/apps.ts';
import type { Context } from './context.ts';

/** Refuses as `refuseShared`. */
export type SharedLook = (app: App, line: Resource, end: string) => void;

/**
 * Looks at every app once, for many resources: do it before a lock is taken. Lines that come later than this look come through
 * operations, which give nobody what another has.
 */
export function lookForShared(context: Context): SharedLook {
  const keys = new Map<string, Set<string>>();
  const lines = readApps(context.store.platform, (app) =>
    (addonsIfReadable(app)?.resources ?? []).map(({ addon, id }) => ({ name: `${addon};${id}`, key: app.key })),
  );
  for (const { name, key } of lines.flat()) keys.set(name, (keys.get(name) ?? new Set()).add(key));
  return (app, line, end) => {
    const holders = [...(keys.get(`${line.addon};${line.id}`) ?? [])];
    if (holders.some((key) => key !== app.key)) refuseShared(context, app, line, end); // unless it is gone since
  };
}

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
