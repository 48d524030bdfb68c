import { realpathSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { AddonsError } from '../errors.ts';
import { isAddonName } from '../names.ts';

/** A developer's directory, absolute and without links. @throws {AddonsError} `addon-not-found` */
export function findDirectory(directory: string): string {
  const path = resolve(directory);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return realpathSync.native(path);
  throw new AddonsError('addon-not-found', `There is no directory ${path}.`, {
    hint: "Give an add-on's directory. To begin one: addons new <name>",
  });
}

/** The name that the directory gives its add-on. @throws {AddonsError} `usage` */
export function nameOfDirectory(root: string): string {
  const name = basename(root);
  if (isAddonName(name)) return name;
  throw new AddonsError('usage', `The directory's name ${JSON.stringify(name)} is no name for an add-on.`, {
    hint: 'Rename it: letters, digits, ".", "_" and "-", starting with a letter or digit, at most 63.',
  });
}
