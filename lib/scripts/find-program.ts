import { accessSync, constants, statSync } from 'node:fs';
import { systemCode } from '../errors.ts';

/**
 * The program's file, as execvp(3) finds it: a name with a slash is one already, and what cannot be executed is passed over.
 *
 * @throws {Error} with the code `ENOENT` or `EACCES`
 */
export function findProgram(program: string, path = '/bin:/usr/bin'): string {
  if (program.includes('/')) return program;
  let code = 'ENOENT';
  for (const directory of path.split(':')) {
    const file = `${directory || '.'}/${program}`;
    try {
      if (program !== '' && statSync(file).isFile()) {
        accessSync(file, constants.X_OK);
        return file;
      }
    } catch (error) {
      if (systemCode(error) === 'EACCES') code = 'EACCES';
    }
  }
  throw Object.assign(new Error(program), { code });
}
