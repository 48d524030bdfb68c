import { closeSync, constants, renameSync, statSync, writeSync } from 'node:fs';
import type { Owner } from '../state/directory.ts';
import { openOwnedFile } from '../state/owned-file.ts';

/** What a job writes goes to a log of bounded size: at `LIMIT` bytes it is put aside, in the middle of a run, too. */
export interface JobLog {
  write(text: string): void;
}

/** @param owner the platform's own user, where root is at work */
export function openJobLog(path: string, owner: Owner, limit = LIMIT): JobLog {
  return {
    write(text) {
      if (sizeOf(path) >= limit) rotate(path);
      const fd = openOwnedFile(path, APPENDING, owner);
      try {
        const bytes = Buffer.from(text);
        for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      } finally {
        closeSync(fd);
      }
    },
  };
}

/** Bytes. */
const LIMIT = 1024 * 1024;
const OLDER_PARTS = 4;

const APPENDING = constants.O_WRONLY | constants.O_APPEND;

/** Each part becomes the next older one, the oldest goes. Of two that do so at once, one moves the parts once more. */
function rotate(path: string): void {
  const parts = [path, ...Array.from({ length: OLDER_PARTS }, (_, at) => `${path}.${at + 1}`)];
  const free = parts.findIndex((part) => sizeOf(part) < 0);
  for (let to = free > 0 ? free : OLDER_PARTS; to > 0; to--) {
    try {
      renameSync(parts[to - 1] ?? '', parts[to] ?? '');
    } catch {
      // Another moved it.
    }
  }
}

/** -1 where there is none. */
const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? -1;
