import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
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

/** Reads a small regular file whole. Links are not followed: an app's user may own the directory. */
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
    return {
      bytes: readWhole(fd, Number(stat.size)),
      identity: `${stat.dev}:${stat.ino}:${stat.mtimeNs}:${stat.size}`,
      owner: { uid: Number(stat.uid), gid: Number(stat.gid) },
    };
  } finally {
    closeSync(fd);
  }
}

/** One read where the size is as told; a file that is being written may be longer or shorter by now. */
function readWhole(fd: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size + 1);
  const length = readSync(fd, bytes, 0, size + 1, 0);
  return length === size ? bytes.subarray(0, size) : readFileSync(fd);
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

/** Removes what a dead process left in this directory under a temporary name. */
export async function sweepTemporaryFiles(disk: Disk, directory: string): Promise<void> {
  for (const name of namesIn(directory)) {
    const pid = /^\..+\.(\d+)\.[0-9a-f]{12}\.tmp$/.exec(name)?.[1];
    if (pid && !exists(Number(pid))) await disk.removeTree(join(directory, name));
  }
}

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

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

const notRegular = (path: string, what: string) =>
  new AddonsError('malformed', `${path} is ${what}.`, { hint: 'Put a regular file in its place.' });

const changedMeanwhile = (path: string) =>
  new AddonsError('conflict', `${path} was changed by somebody else at the same moment.`, {
    hint: 'Run the command again.',
  });
