import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AddonsError, fromSystem, systemCode } from '../errors.ts';
import type { Owner } from './directory.ts';
import type { Disk } from './disk.ts';
import { nonce } from './nonce.ts';

/** A file as it was read: what a later change compares with. */
export interface FileContent {
  bytes: Buffer;
  /** Device, inode, modification time and size. Undefined: there is no file. */
  identity: string | undefined;
  owner: { uid: number; gid: number } | undefined;
}

/**
 * Reads a small regular file whole. Links are not followed: an app's user may own the directory.
 *
 * @throws {AddonsError} `malformed` for what is no regular file, or larger than 4 MiB; `permission`, `io`
 */
export function readRegularFile(path: string): FileContent {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { bytes: Buffer.alloc(0), identity: undefined, owner: undefined };
    if (systemCode(error) === 'ELOOP') throw notRegular(path, 'a symbolic link');
    throw fromSystem(error, path);
  }
  try {
    const stat = fstatSync(fd, { bigint: true });
    if (!stat.isFile()) throw notRegular(path, 'no regular file');
    const bytes = stat.size > LIMIT ? undefined : readWhole(fd, Number(stat.size));
    if (bytes === undefined) throw tooLarge(path);
    return {
      bytes,
      identity: `${stat.dev}:${stat.ino}:${stat.mtimeNs}:${stat.size}`,
      owner: { uid: Number(stat.uid), gid: Number(stat.gid) },
    };
  } finally {
    closeSync(fd);
  }
}

/** Bytes. Whoever reads all apps' files must not be stopped by one: a sparse file costs its maker nothing. */
const LIMIT = 4 * 1024 * 1024;

/** One read where the size is as told; a file that is being written may be longer or shorter by now. */
function readWhole(fd: number, size: number): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(size + 1);
  const length = readSync(fd, bytes, 0, size + 1, 0);
  return length === size ? bytes.subarray(0, size) : readUpToLimit(fd);
}

/** Undefined: there is more. */
function readUpToLimit(fd: number): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(LIMIT + 1);
  let length = 0;
  for (let read = -1; read !== 0 && length <= LIMIT; length += read) {
    read = readSync(fd, bytes, length, bytes.length - length, length);
  }
  return length > LIMIT ? undefined : bytes.subarray(0, length);
}

/**
 * Replaces a file so that a reader, a crash or a full disk meets the old content or the new, never half.
 * The file keeps its owner and becomes 0600; a new one takes `newOwner`.
 *
 * @throws {AddonsError} `conflict` when the file is no longer what was read; `disk-full`, `read-only`, `permission`
 */
export async function replaceFile(
  disk: Disk,
  path: string,
  bytes: Uint8Array | string,
  seen: FileContent,
  newOwner: Owner,
): Promise<void> {
  const temporary = temporaryPath(path);
  try {
    await disk.createFile(temporary, bytes, keepable(path, seen.owner ?? newOwner));
    if (identityNow(path) !== seen.identity) throw changedMeanwhile(path);
    await disk.rename(temporary, path);
  } catch (error) {
    await disk.unlink(temporary).catch(() => {}); // the first error says more
    throw fromSystem(error, path);
  }
  await disk.sync(dirname(path));
}

/** A hidden name beside `path`, by which a sweep can tell whether its maker still lives. */
export const temporaryPath = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${process.pid}.${nonce()}.tmp`);

/** Removes the files that a dead process left in this directory under a temporary name; a directory of such a name is not ours. */
export async function sweepTemporaryFiles(disk: Disk, directory: string): Promise<void> {
  for (const path of leftIn(directory)) {
    const isDirectory = lstatSync(path, { throwIfNoEntry: false })?.isDirectory();
    if (!isDirectory) await disk.unlink(path);
  }
}

/** Removes whole trees as well: only for a directory that nobody but the platform may write to. */
export async function sweepTemporaryTrees(disk: Disk, directory: string): Promise<void> {
  for (const path of leftIn(directory)) await disk.removeTree(path);
}

const leftIn = (directory: string): string[] =>
  namesIn(directory)
    .filter((name) => {
      const pid = /^\..+\.(\d+)\.[0-9a-f]{12}\.tmp$/.exec(name)?.[1];
      return pid !== undefined && !processExists(Number(pid));
    })
    .map((name) => join(directory, name));

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    throw fromSystem(error, directory);
  }
}

/** Only root can give a file to somebody else; others must not take one over by replacing it. */
function keepable(path: string, owner: Owner): Owner {
  const uid = process.getuid?.();
  if (uid === 0 || owner === undefined) return owner;
  if (owner.uid === uid) return undefined;
  throw new AddonsError('permission', `${path} belongs to user ${owner.uid}, this is user ${uid}.`, {
    hint: 'Run the command as that user or as root.',
  });
}

function identityNow(path: string): string | undefined {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.dev}:${stat.ino}:${stat.mtimeNs}:${stat.size}`;
}

/** Perhaps another one of the same number: what is told by its pid alone is kept a little longer then. */
export function processExists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

const notRegular = (path: string, what: string) =>
  new AddonsError('malformed', `${path} is ${what}.`, { hint: 'Put a regular file in its place.' });

const tooLarge = (path: string) =>
  new AddonsError('malformed', `${path} is larger than ${LIMIT / 1024 / 1024} MiB.`, {
    hint: 'Look at what is in it, and put a file of a few lines in its place.',
  });

const changedMeanwhile = (path: string) =>
  new AddonsError('conflict', `${path} was changed by somebody else at the same moment.`, {
    hint: 'Run the command again.',
  });
