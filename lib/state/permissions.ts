import { closeSync, constants, fchmodSync, fchownSync, fstatSync, openSync, type Stats, statSync } from 'node:fs';
import { AddonsError, fromSystem } from '../errors.ts';

/** Takes away what others may do: 0600 at most for a file, 0700 for a directory. Links are not followed. */
export const narrowMode = (path: string): void =>
  onOpened(path, (fd, { mode }, isDirectory) => fchmodSync(fd, mode & (isDirectory ? 0o700 : 0o600)));

/** As root: gives the file or directory to the owner of `model`. Links are not followed. */
export const giveAway = (path: string, model: string): void =>
  onOpened(path, (fd) => {
    const { uid, gid } = statSync(model);
    fchownSync(fd, uid, gid);
  });

/**
 * The directory may belong to a user who could put a link to somebody else's file in its place, so the file is changed by its
 * descriptor, and one with a second name is left alone.
 */
function onOpened(path: string, change: (fd: number, stat: Stats, isDirectory: boolean) => void): void {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(fd);
      if (!stat.isDirectory() && !(stat.isFile() && stat.nlink === 1)) throw suspicious(path);
      change(fd, stat, stat.isDirectory());
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw fromSystem(error, path);
  }
}

const suspicious = (path: string) =>
  new AddonsError('permission', `${path} is no regular file, or has a second name elsewhere.`, {
    hint: 'Find out what it is, and put a regular file in its place.',
  });
