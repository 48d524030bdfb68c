import {
  accessSync,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
} from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { AddonsError, fromSystem } from '../errors.ts';

/** What lies below a directory, each by its path in there. Of the mode only counts whether it can be executed. */
export interface Branch {
  path: string;
  kind: 'directory' | 'file' | 'link';
  executable: boolean;
  /** Bytes of a file, else 0. */
  size: number;
  /** Where a link leads, as it says. */
  to: string;
}

/**
 * A directory that can be copied: regular files, directories, and links that stay in it.
 *
 * @param root absolute
 * @param leftOut whether a path in it is none of its parts; nothing below such a directory is then
 * @throws {AddonsError} `malformed` for anything else, or too much of it; `permission`, `io`
 */
export function readTree(root: string, leftOut: LeftOut = isLeftOut): Branch[] {
  const branches: Branch[] = [];
  let bytes = 0;
  const walk = (directory: string) => {
    for (const name of namesIn(directory)) {
      const path = join(directory, name);
      if (leftOut(relative(root, path), isDirectory(path))) continue;
      const branch = readBranch(root, path);
      branches.push(branch);
      bytes += branch.size;
      if (bytes > MOST_BYTES || branches.length > MOST_BRANCHES) throw tooLarge(root);
      if (branch.kind === 'directory') walk(join(root, branch.path));
    }
  };
  walk(root);
  return branches;
}

export type LeftOut = (path: string, isDirectory: boolean) => boolean;

/** What is never a part: a checkout's history, and what a package says of itself. */
export const isLeftOut: LeftOut = (path) => path === '.git' || path === MANIFEST_NAME;

/** In a package, what it holds. */
export const MANIFEST_NAME = '.addon-manifest.json';

/** Whether `other`, a directory too, holds just that. One that could not be copied is another. */
export function isSameTree(root: string, branches: readonly Branch[], other: string): boolean {
  const others = branchesIfReadable(other);
  if (others?.length !== branches.length) return false;
  return branches.every((branch, at) => {
    const theirs = others[at];
    if (theirs === undefined || keyOf(theirs) !== keyOf(branch)) return false;
    return branch.kind !== 'file' || isSameFile(join(root, branch.path), join(other, branch.path));
  });
}

/** What one add-on may hold. */
export const MOST_BYTES = 256 * 1024 * 1024;
export const MOST_BRANCHES = 20_000;

const isDirectory = (path: string): boolean => check(path, () => lstatSync(path)).isDirectory();

function readBranch(root: string, path: string): Branch {
  const stat = check(path, () => lstatSync(path));
  const shared = { path: relative(root, path), executable: (stat.mode & 0o111) !== 0, size: 0, to: '' };
  if (stat.isSymbolicLink()) return { ...shared, kind: 'link', executable: false, to: linkTarget(root, path) };
  if (!stat.isDirectory() && !stat.isFile()) {
    throw unfit(`${path} is neither a file nor a directory nor a link`, 'Take it out of the directory.');
  }
  if (stat.isDirectory()) return { ...shared, kind: 'directory', executable: true };
  if ((stat.mode & 0o6000) !== 0) {
    throw unfit(`${path} runs as another user or group (set-uid, set-gid)`, `Run: chmod ug-s ${path}`);
  }
  check(path, () => accessSync(path, constants.R_OK));
  return { ...shared, kind: 'file', size: stat.size };
}

function linkTarget(root: string, path: string): string {
  const to = check(path, () => readlinkSync(path));
  // Also what goes up out of the root and comes back by its name would lead elsewhere from the copy.
  if (staysBelow(relative(root, path), to) && isInside(root, realPathOf(path, to))) return to;
  throw unfit(`${path} is a link that leads out of its directory, to ${to}`, 'Put a copy of the file in its place.');
}

/**
 * Whether a link stays in the directory, by what it says alone.
 *
 * @param path of the link in the directory
 */
export function staysBelow(path: string, to: string): boolean {
  if (to === '' || isAbsolute(to)) return false;
  let depth = path.split('/').length - 1;
  return to.split('/').every((part) => {
    if (part === '..') depth -= 1;
    else if (part !== '' && part !== '.') depth += 1;
    return depth >= 0;
  });
}

function realPathOf(path: string, to: string): string {
  try {
    return realpathSync.native(path); // Node's own takes ".." behind a link by the letter
  } catch {
    throw unfit(`${path} is a link that leads nowhere, to ${to}`, 'Remove the link, or mend it.');
  }
}

/** Whether the path is the directory or lies in it. Both absolute. */
export function isInside(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way !== '..' && !way.startsWith('../') && !isAbsolute(way);
}

function branchesIfReadable(root: string): Branch[] | undefined {
  try {
    return readTree(realpathSync.native(root));
  } catch (error) {
    if (error instanceof AddonsError) return undefined;
    throw fromSystem(error, root);
  }
}

const keyOf = ({ path, kind, executable, size, to }: Branch) => JSON.stringify([path, kind, executable, size, to]);

/** Of files of one size. Piece by piece: they may be large. */
function isSameFile(one: string, other: string): boolean {
  return withOpened(one, (fd) =>
    withOpened(other, (otherFd) => {
      const [piece, otherPiece] = [Buffer.alloc(PIECE), Buffer.alloc(PIECE)];
      for (;;) {
        const length = readSync(fd, piece);
        const otherLength = readSync(otherFd, otherPiece);
        if (!piece.subarray(0, length).equals(otherPiece.subarray(0, otherLength))) return false;
        if (length === 0) return true;
      }
    }),
  );
}

const PIECE = 256 * 1024;

function withOpened<T>(path: string, read: (fd: number) => T): T {
  const fd = check(path, () => openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK));
  try {
    return read(fd);
  } finally {
    closeSync(fd);
  }
}

const namesIn = (directory: string): string[] => check(directory, () => readdirSync(directory)).sort();

function check<T>(path: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw fromSystem(error, path);
  }
}

const unfit = (what: string, hint: string) =>
  new AddonsError('malformed', `${what}: it cannot be part of an add-on.`, { hint });

export const tooLarge = (root: string): AddonsError =>
  new AddonsError(
    'malformed',
    `${root} is too large for an add-on: at most ${MOST_BYTES / 1024 / 1024} MiB in ${MOST_BRANCHES} files.`,
    { hint: 'Is it the right directory? What its scripts need besides belongs elsewhere.' },
  );
