import { chmodSync, closeSync, constants, fchmodSync, fchownSync, lstatSync, mkdirSync, openSync } from 'node:fs';

/** User and group ids that a new file or directory is given; undefined leaves them to the system. */
export type Owner = { uid: number; gid: number } | undefined;

/** A new directory with exactly this mode, whatever the umask; as root it is given to `owner`. Fails when it exists. */
export function createDirectory(path: string, mode: number, owner: Owner): void {
  mkdirSync(path, { mode });
  const made = lstatSync(path);
  const isOurs = owner === undefined || (made.uid === owner.uid && made.gid === owner.gid);
  if ((made.mode & 0o777) !== mode || !isOurs) takeCareOf(path, mode, owner);
}

/** Gives an existing directory this mode and, as root, this owner. */
export function takeCareOf(path: string, mode: number, owner: Owner): void {
  if (!isRoot()) {
    chmodSync(path, mode);
    return;
  }
  // The parent may belong to a user who could put a link in its place: root must not follow it.
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    fchmodSync(fd, mode);
    if (owner) fchownSync(fd, owner.uid, owner.gid);
  } finally {
    closeSync(fd);
  }
}

export const isRoot = (): boolean => process.geteuid?.() === 0;
