import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { AddonsError, fromSystem, systemCode } from '../errors.ts';

/**
 * Absolute path of an add-on's script. Synchronous, two system calls: it is asked for every `url`.
 *
 * @param root the installed add-on's directory, absolute
 * @throws {AddonsError} `script-not-found` when it is missing, not a file, or not executable for this user
 */
export function locateScript(root: string, name: string): string {
  const path = join(root, name);
  if (!isFile(path, name)) {
    throw problem(name, `${path} is not a regular file`, 'Replace it by an executable script of that name.');
  }
  if (!isExecutable(path)) {
    throw problem(name, `${path} is not executable`, `Run: chmod +x ${shellWord(path)}`);
  }
  return path;
}

/** Whether `locateScript` would find it: for the optional scripts. */
export function hasScript(root: string, name: string): boolean {
  try {
    return locateScript(root, name) !== '';
  } catch {
    return false;
  }
}

function isFile(path: string, name: string): boolean {
  try {
    return statSync(path).isFile();
  } catch (error) {
    const code = systemCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw fromSystem(error, path);
    throw problem(name, `${path} does not exist`, 'Install the add-on again, or write the script.');
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const problem = (script: string, what: string, hint: string) =>
  new AddonsError('script-not-found', `The script ${script} cannot be run: ${what}.`, { hint, details: { script } });

// The hint is meant to be pasted, and a directory's name may hold anything.
const shellWord = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
