import { closeSync, constants, fchownSync, fstatSync, openSync } from 'node:fs';
import { AddonsError } from '../errors.ts';
import type { Owner } from './directory.ts';

/**
 * Opens a file, made 0600 if need be, in a directory of the platform's own user, who could put something else in its place: links
 * are not followed, and as root nothing is given away that has a second name elsewhere.
 *
 * @param owner as root: who it is given to
 * @throws {AddonsError} `io` for what is no file of ours; what the system says
 */
export function openOwnedFile(path: string, flags: number, owner: Owner): number {
  // Without O_NONBLOCK a pipe in its place would hang.
  const fd = openSync(path, flags | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.nlink > 1) throw foreign(path);
    if (owner && stat.uid !== owner.uid) fchownSync(fd, owner.uid, owner.gid);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

const foreign = (path: string) =>
  new AddonsError('io', `${path} is no regular file, or has a second name elsewhere.`, {
    hint: 'Move it away; a new one is made.',
  });
