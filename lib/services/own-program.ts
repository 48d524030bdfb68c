import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The words that start the command line of this package: in the bundle it lies beside this code, else it was built of these
 * sources. By absolute paths, for cron's `PATH` is short.
 */
export function ownProgram(): string[] {
  const places = ['cli.cjs', '../../dist/cli.cjs'].map((relative) => fileURLToPath(new URL(relative, import.meta.url)));
  return [process.execPath, places.find((path) => existsSync(path)) ?? places[0] ?? ''];
}
