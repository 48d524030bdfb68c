import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** An executable `addons-NAME` in a directory of `PATH`: the command NAME. */
export interface PathCommand {
  name: string;
  path: string;
}

/** The one that `addons NAME` runs: the first in `PATH`. */
export function findPathCommand(name: string, path: string | undefined): PathCommand | undefined {
  if (!isCommandName(name)) return undefined;
  const file = directoriesOf(path)
    .map((directory) => join(directory, PREFIX + name))
    .find(isProgram);
  return file === undefined ? undefined : { name, path: file };
}

/** All of them, sorted; of two of one name the first in `PATH`. */
export function listPathCommands(path: string | undefined): PathCommand[] {
  const found = new Map<string, string>();
  for (const directory of directoriesOf(path)) {
    for (const file of namesIn(directory)) {
      const name = file.slice(PREFIX.length);
      if (!file.startsWith(PREFIX) || !isCommandName(name) || found.has(name)) continue;
      if (isProgram(join(directory, file))) found.set(name, join(directory, file));
    }
  }
  return [...found].map(([name, path]) => ({ name, path })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

const PREFIX = 'addons-';

/** Processors have names of that form as well, and are no commands. */
const isCommandName = (name: string): boolean =>
  /^[A-Za-z0-9][\w.-]{0,62}$/.test(name) && !name.startsWith('processor-');

/** An empty part means the directory where one stands, as for every shell: what lies there by chance is no command. */
const directoriesOf = (path = ''): string[] => path.split(':').filter((directory) => directory.startsWith('/'));

function isProgram(path: string): boolean {
  try {
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // PATH names much that is not there
  }
}
