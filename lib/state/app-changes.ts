import { setNames } from '../app/addons-env-file.ts';
import { appendResource, dropRepeats, dropResource, type Resource, replacePrivate } from '../app/addons-file.ts';
import { readAddons, readNames } from './app-files.ts';
import { type App, appOwner } from './apps.ts';
import { replaceFile } from './atomic-file.ts';
import type { Store } from './store.ts';

/** Call it under the app's lock. */
export async function appendLine({ disk }: Store, app: App, resource: Resource): Promise<void> {
  const seen = readAddons(app);
  await replaceFile(disk, seen.path, appendResource(seen.bytes, resource), seen, appOwner(app));
}

/** Drops the line; one that is gone already is no error. Call it under the app's lock. */
export async function dropLine({ disk }: Store, app: App, addon: string, id: string): Promise<void> {
  const seen = readAddons(app);
  const bytes = dropResource(seen.bytes, addon, id);
  if (!bytes.equals(seen.bytes)) await replaceFile(disk, seen.path, bytes, seen, appOwner(app));
}

/** Replaces the private of the line. @throws as `replacePrivate`. Call it under the app's lock. */
export async function changePrivate(
  { disk }: Store,
  app: App,
  { addon, id, private: secret }: Resource,
): Promise<void> {
  const seen = readAddons(app);
  const bytes = replacePrivate(seen.bytes, addon, id, secret);
  if (!bytes.equals(seen.bytes)) await replaceFile(disk, seen.path, bytes, seen, appOwner(app));
}

/** Drops lines of the add-on that another one repeats, byte for byte. Call it under the app's lock. */
export async function dropRepeatedLines({ disk }: Store, app: App, addon: string): Promise<void> {
  const seen = readAddons(app);
  const bytes = dropRepeats(seen.bytes, addon);
  if (!bytes.equals(seen.bytes)) await replaceFile(disk, seen.path, bytes, seen, appOwner(app));
}

/** Gives the resource exactly these extra variable names. Call it under the app's lock, before its line is written. */
export async function writeNames({ disk }: Store, app: App, addon: string, names: readonly string[]): Promise<boolean> {
  const seen = readNames(app);
  const bytes = setNames(seen.bytes, addon, names);
  if (bytes.equals(seen.bytes)) return false;
  await replaceFile(disk, seen.path, bytes, seen, appOwner(app));
  return true;
}
