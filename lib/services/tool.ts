import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { AddonsError } from '../errors.ts';

/** Absolute path of a program of the system, or undefined where there is none. */
export const findTool = (name: string, path: string): string | undefined =>
  path
    .split(':')
    .map((directory) => join(directory, name))
    .find(isExecutable);

/**
 * Runs a program of the system and gives what it printed, decoded as UTF-8.
 *
 * @param accepted exit statuses that are no failure
 * @throws {AddonsError} `io` with what it wrote to stderr
 */
export function runTool(
  name: string,
  args: readonly string[],
  path: string,
  accepted: readonly number[] = [0],
): Promise<string> {
  const program = findTool(name, path);
  if (program === undefined) return Promise.reject(notThere(name));
  return new Promise((resolve, reject) => {
    const options = { env: { PATH: path, LANG: 'C.UTF-8' }, cwd: '/', timeout: LONGEST, maxBuffer: 16 * 1024 * 1024 };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null || accepted.includes(Number(error.code))) resolve(stdout);
      else reject(failed(name, stderr));
    });
  });
}

/** Milliseconds: longer than any daemon has to stop. */
const LONGEST = 2 * 3600 * 1000;

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const notThere = (name: string) =>
  new AddonsError('io', `The program ${name} is not installed.`, { hint: `Install the package that has ${name}.` });

const failed = (name: string, stderr: string) =>
  new AddonsError(
    'io',
    `${name} failed: ${stderr.trim().split('\n').at(-1)?.slice(0, 500) || 'it does not say why'}.`,
    {
      hint: 'Mend the reason and run the command again.',
    },
  );
