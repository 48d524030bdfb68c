import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AddonsError } from '../errors.ts';
import { checkAddonName, isAddonName } from '../names.ts';
import type { Platform } from '../platform.ts';

/**
 * The directory that a word means, in the order of `install`: an add-on that comes with this package, else that directory,
 * else an installed add-on.
 *
 * @param resolved the word as an absolute path
 * @throws {AddonsError} `addon-not-found`
 */
export function findSource(word: string, resolved: string, platform: Platform): string {
  const [shipped, installed] = isAddonName(word) ? [join(platform.shipped ?? '', word), platform.addonRoot(word)] : [];
  const found = [shipped, word === '' ? undefined : resolved, installed].find(
    (path) => path !== undefined && isDirectory(path),
  );
  if (found !== undefined) return found;
  throw new AddonsError(
    'addon-not-found',
    `${word === '' ? 'An empty word' : resolved} is no directory${isAddonName(word) ? `, and no add-on is named ${word}` : ''}.`,
    {
      hint: 'Name the directory that holds the scripts. For the add-ons that are known by name, see: addons list --all',
    },
  );
}

/** What the add-on will be called. @throws {AddonsError} `usage` */
export const nameOfSource = (source: string): string => checkAddonName(basename(source));

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
