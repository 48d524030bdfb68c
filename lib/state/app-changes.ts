import { appendResource, dropResource, type Resource } from '../app/addons-file.ts';
import { editEnv } from '../app/env-file.ts';
import { readAddons, readEnvFile } from './app-files.ts';
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

/** Sets (or, with undefined, drops) config vars. Call it under the app's lock. False: nothing changed. */
export async function writeConfigVars(
  { disk }: Store,
  app: App,
  changes: ReadonlyMap<string, string | undefined>,
  seen = readEnvFile(app),
): Promise<boolean> {
  const bytes = editEnv(seen.bytes, changes);
  if (bytes.equals(seen.bytes)) return false;
  await replaceFile(disk, seen.path, bytes, seen, appOwner(app));
  return true;
}
