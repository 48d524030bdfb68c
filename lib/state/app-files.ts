import { join } from 'node:path';
import { type AddonsEnvFile, namesFor, parseAddonsEnvFile } from '../app/addons-env-file.ts';
import { type AddonsFile, parseAddonsFile, type Resource } from '../app/addons-file.ts';
import { AddonsError } from '../errors.ts';
import type { App } from './apps.ts';
import { type FileContent, readRegularFile, sweepTemporaryFiles } from './atomic-file.ts';
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

/** For those who look at all apps: the broken file of one must not stop them. */
export function addonsIfReadable(app: App): AddonsFile | undefined {
  try {
    return readAddons(app).parsed;
  } catch (error) {
    if (error instanceof AddonsError) return undefined;
    throw error;
  }
}

/** ADDONS.env as it is now: extra variable names. Most apps have no such file. */
export function readNames(app: App): AppFile<AddonsEnvFile> {
  const path = join(app.dir, 'ADDONS.env');
  const content = readRegularFile(path);
  return { ...content, path, parsed: parseAddonsEnvFile(content.bytes) };
}

/** The extra variable names of the app's resource of this add-on. */
export const extraNames = (app: App, addon: string): string[] => namesFor(readNames(app).parsed, addon);

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

/** The app's line of exactly this resource. */
export const lineWithId = (app: App, addon: string, id: string): Resource | undefined =>
  readAddons(app).parsed.resources.find((line) => line.addon === addon && line.id === id);

export const sweepApp = ({ disk }: Store, app: App): Promise<void> => sweepTemporaryFiles(disk, app.dir);
