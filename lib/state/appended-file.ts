import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  openSync,
  readSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { AddonsError, fromSystem, systemCode } from '../errors.ts';
import { createDirectory } from './directory.ts';
import type { Store } from './store.ts';

/** A file of lines that any number of processes append to. When it is full it becomes the first of its older parts. */
export interface AppendedFile {
  /** Of the newest part; its directory is private and made where there is none. */
  path: string;
  /** How many older parts are kept. */
  older: number;
  isFull(path: string): boolean;
  /** Key of the lock under which parts are put aside, and its name for people. */
  lock: string;
  label: string;
}

/** The newest part first, then the older ones, whether they exist or not. */
export const partsOf = ({ path, older }: Pick<AppendedFile, 'path' | 'older'>): string[] => [
  path,
  ...Array.from({ length: older }, (_, index) => `${path}.${index + 1}`),
];

/**
 * Appends lines, given without their line breaks, beside any number of other processes.
 *
 * Not synced: it tells people what was done, and no decision hangs on it. An fsync would cost each operation more than its
 * line is worth.
 *
 * @throws {AddonsError} `disk-full`, `read-only`, `permission`, `io`
 */
export async function appendLines(store: Store, file: AppendedFile, lines: readonly string[]): Promise<void> {
  const { path } = file;
  try {
    if (file.isFull(path)) await putAside(store, file);
    const fd = open(store, path);
    try {
      put(fd, lines);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw fromSystem(error, path);
  }
}

/** Bytes; -1 where there is none. */
export const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? -1;

/** Milliseconds. Whoever has the lock is putting the file aside: nothing is lost by appending to either one. */
const PATIENCE = 100;

/**
 * All lines in one write with O_APPEND: on a local file system the kernel lets no other write in between. Whoever opened
 * the file before it was put aside appends to an older part, which is read, too.
 */
function put(fd: number, lines: readonly string[]): void {
  const { size } = fstatSync(fd);
  // What a full disk or a crash cut short must not swallow this line. A line that another is writing at this moment can look
  // cut as well: then there is an empty line more, which means nothing.
  const bytes = Buffer.from(`${isCut(fd, size) ? '\n' : ''}${lines.join('\n')}\n`);
  if (writeSync(fd, bytes) < bytes.length) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
}

function isCut(fd: number, size: number): boolean {
  const last = Buffer.alloc(1);
  return size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
}

/** As root it is given to the platform's own user, who could not append to it otherwise. */
function open({ libOwner }: Store, path: string): number {
  let fd: number;
  try {
    fd = openSync(path, APPENDING, 0o600);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    makeDirectory(dirname(path), libOwner);
    fd = openSync(path, APPENDING, 0o600);
  }
  try {
    const stat = fstatSync(fd);
    refuseForeign(path, stat);
    const { uid, mode } = stat;
    if (libOwner && uid !== libOwner.uid) fchownSync(fd, libOwner.uid, libOwner.gid);
    if ((mode & 0o777) !== 0o600 && uid === process.geteuid?.()) fchmodSync(fd, 0o600);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** A second name may be that of a file which is not ours: root would give it away. */
function refuseForeign(path: string, stat: Stats): void {
  if (stat.isFile() && stat.nlink <= 1) return;
  const what = stat.isFile() ? 'has a second name elsewhere' : 'is no regular file';
  throw new AddonsError('io', `${path} ${what}.`, {
    hint: `Move it away; a new ${basename(path)} is made in its place.`,
  });
}

// Without O_NONBLOCK a pipe in its place would hang every operation.
const APPENDING =
  constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

function makeDirectory(path: string, owner: Store['libOwner']): void {
  try {
    createDirectory(path, 0o700, owner);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}

/** Each part becomes the next older one, the oldest goes. */
async function putAside(store: Store, file: AppendedFile): Promise<void> {
  const parts = partsOf(file);
  const { withLock } = await import('./lock.ts');
  const options = { label: file.label, deadline: Date.now() + PATIENCE, owner: store.libOwner };
  await withLock(store.platform.locks, file.lock, options, async () => {
    if (!file.isFull(file.path)) return; // another did it while we waited
    // Up to the first gap, so that a rotation which died half-way costs no part.
    const free = parts.findIndex((part) => sizeOf(part) < 0);
    for (let to = free > 0 ? free : file.older; to > 0; to--) {
      await store.disk.rename(parts[to - 1] ?? '', parts[to] ?? '');
    }
  }).catch((error) => {
    if (!(error instanceof AddonsError) || error.code !== 'busy') throw error;
  });
}
