import { realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { AddonsError } from '../errors.ts';
import { isAddonName, suggestion } from '../names.ts';
import type { Platform } from '../platform.ts';
import { shippedNames } from './addons.ts';

/** What is to be installed: a directory, and the name it has without another being given. */
export interface Source {
  directory: string;
  name: string;
}

/**
 * A word with a `/` is a directory. Another is an add-on that comes with the package, and a directory only where there is no
 * such: what lies about where the command is typed must not change what `redis` means.
 *
 * @throws {AddonsError} `addon-not-found`
 */
export function findSource(platform: Platform, word: string): Source {
  const shipped = shippedNames(platform);
  const path = shipped.includes(word) ? join(platform.shipped ?? '', word) : resolve(word);
  if (word !== '' && isDirectory(path)) return { directory: realpathSync.native(path), name: basename(path) };
  throw word.includes('/') ? noDirectory(path) : noSource(word, shipped);
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

const noDirectory = (path: string) =>
  new AddonsError('addon-not-found', `There is no directory ${path}.`, {
    hint: "Give an add-on's directory, or the name of one that comes with this package.",
  });

const noSource = (word: string, shipped: string[]) =>
  new AddonsError(
    'addon-not-found',
    `No add-on ${JSON.stringify(word)} comes with this package, and there is no such directory.${suggestion(word, shipped)}`,
    {
      hint: `Name a directory, as in ./${isAddonName(word) ? word : 'my-add-on'}${
        shipped.length > 0 ? `, or one of: ${shipped.join(', ')}` : ''
      }.`,
    },
  );
