import { closeSync, constants, fchmodSync, fstatSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { fromSystem } from '../errors.ts';
import { temporaryPath } from '../state/atomic-file.ts';
import type { Disk } from '../state/disk.ts';
import type { PackageManifest } from './manifest.ts';
import { type Packing, writePackage } from './write-package.ts';

/**
 * Writes a package to a new file, or in place of one: whole or not at all.
 *
 * @param mode of the file: it may hold secrets of the operator
 * @returns its size
 */
export async function writePackageFile(
  disk: Disk,
  path: string,
  packing: Packing,
  manifest: PackageManifest,
  mode: number,
): Promise<number> {
  const building = temporaryPath(path);
  try {
    const fd = openSync(building, NEW_FILE, 0o600);
    let bytes: number;
    try {
      await writePackage(packing, manifest, fd);
      fchmodSync(fd, mode);
      fsyncSync(fd);
      bytes = fstatSync(fd).size;
    } finally {
      closeSync(fd);
    }
    await disk.rename(building, path);
    await disk.sync(dirname(path));
    return bytes;
  } catch (error) {
    await disk.unlink(building).catch(() => {}); // the first error says more
    throw fromSystem(error, path);
  }
}

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
