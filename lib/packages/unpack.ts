import { closeSync, constants, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fromSystem } from '../errors.ts';
import type { PackageManifest } from './manifest.ts';
import { readPackage } from './read-package.ts';

/**
 * Unpacks a package into an empty directory that nobody else can enter, each file verified by its hash.
 *
 * @throws {AddonsError} as `readPackage`; what is half there then is the caller's to remove
 */
export async function unpack(file: string, into: string): Promise<PackageManifest> {
  const links: (() => void)[] = [];
  const manifest = await readPackage(file, {
    directory: (path) => named(join(into, path), (target) => mkdirSync(target, { mode: 0o755 })),
    // Last: nothing is ever written by way of one.
    link: (path, to) => links.push(() => named(join(into, path), (target) => symlinkSync(to, target))),
    file: (path, executable) => {
      const target = join(into, path);
      const fd = named(target, () => openSync(target, NEW_FILE, executable ? 0o755 : 0o644));
      return {
        write: (piece) => named(target, () => writeWhole(fd, piece)),
        end: () => closeSync(fd),
      };
    },
  });
  for (const link of links) link();
  return manifest;
}

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

function writeWhole(fd: number, piece: Uint8Array): void {
  for (let at = 0; at < piece.length; ) at += writeSync(fd, piece, at);
}

function named<T>(path: string, work: (path: string) => T): T {
  try {
    return work(path);
  } catch (error) {
    throw fromSystem(error, path);
  }
}
