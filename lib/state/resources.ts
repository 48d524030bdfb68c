import { join } from 'node:path';
import { type AddonsFile, appendResource, dropResource, parseAddonsFile, type Resource } from '../app/addons-file.ts';
import { editEnv } from '../app/env-file.ts';
import { AddonsError } from '../errors.ts';
import { type App, appOwner } from './apps.ts';
import { type FileContent, readRegularFile, replaceFile, sweepTemporaryFiles } from './atomic-file.ts';
import type { Store } from './store.ts';

export interface AppFile<T> extends FileContent {
  path: string;
  parsed: T;
}

/** ADDONS as it is now. `identity` undefined: the app has no such file. */
export function readAddons(app: App): AppFile<AddonsFile> {
  const path = join(app.dir, 'ADDONS');
  const content = readRegularFile(path);
  return { ...content, path, parsed: parseAddonsFile(content.bytes) };
}

export function readEnvFile(app: App): FileContent & { path: string } {
  const path = join(app.dir, 'ENV');
  return { ...readRegularFile(path), path };
}

/** The app's only line for this add-on. @throws {AddonsError} `conflict` when there are several */
export function lineOf(app: App, addon: string): Resource | undefined {
  const { path, parsed } = readAddons(app);
  const lines = parsed.resources.filter((resource) => resource.addon === addon);
  if (lines.length > 1) {
    throw new AddonsError(
      'conflict',
      `${path} has ${lines.length} lines for ${addon}: ${lines.map(({ line }) => line).join(', ')}.`,
      {
        hint: 'Delete the wrong lines by hand; "addons check" tells which ids exist.',
        details: { app: app.name, addon },
      },
    );
  }
  return lines[0];
}

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

export const sweepApp = ({ disk }: Store, app: App): Promise<void> => sweepTemporaryFiles(disk, app.dir);
