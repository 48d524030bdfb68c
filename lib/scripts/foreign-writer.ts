import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Who else than root and this user may change a program, so that it must not be run by itself: a clause that ends a sentence
 * about it. Undefined: nobody.
 */
export function foreignWriterOf(path: string): string | undefined {
  const real = realpathSync(path);
  const places = [...new Set([real, dirname(real), dirname(path)])];
  return places.map((place) => writerOf(place)).find((problem) => problem !== undefined);
}

function writerOf(path: string): string | undefined {
  const { uid, mode } = statSync(path);
  if (uid !== 0 && uid !== process.geteuid?.()) return `user ${uid}, who owns ${path}, may change it`;
  // In a directory such as /tmp nobody can replace a file of somebody else.
  const isWritable = (mode & 0o022) !== 0 && (mode & 0o1000) === 0;
  return isWritable ? `others may write to ${path} (mode ${(mode & 0o777).toString(8)})` : undefined;
}
