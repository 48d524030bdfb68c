import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { quoted } from './shell-words.ts';

/**
 * The words that start the command line of this package: in the bundle it lies beside this code, else it was built of these
 * sources. By absolute paths, for cron's `PATH` is short.
 */
export function ownProgram(): string[] {
  const places = ['cli.cjs', '../../dist/cli.cjs'].map((relative) => fileURLToPath(new URL(relative, import.meta.url)));
  return [process.execPath, places.find((path) => existsSync(path)) ?? places[0] ?? ''];
}

/** A command line for a shell, which finds the same platform. The words of a call follow. */
export const commandLine = (program: readonly string[], variables: Readonly<Record<string, string>>): string =>
  callWords(program, variables).map(quoted).join(' ');

/** The words with which the program is called for a platform. */
export const callWords = (program: readonly string[], variables: Readonly<Record<string, string>>): string[] => [
  '/usr/bin/env',
  ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
  ...program,
];
