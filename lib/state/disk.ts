import { constants } from 'node:fs';
import { type FileHandle, link, open, rename, rm, unlink } from 'node:fs/promises';
import { fromSystem, systemCode } from '../errors.ts';
import { createDirectory, type Owner } from './directory.ts';

/**
 * The durable steps that every change of state is made of. There is one disk; tests put another one
 * before it that kills the process, or fails, before and after each step.
 */
export interface Disk {
  /** Creates one directory, by default 0700 whatever the umask. Fails when it exists. */
  makeDirectory(path: string, owner: Owner, mode?: number): Promise<void>;
  /** Creates a file, 0600 whatever the umask, writes and fsyncs it whole. Fails when it exists. */
  createFile(path: string, bytes: Uint8Array | string, owner: Owner): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** A second name for a file; false when the name is taken. */
  link(from: string, to: string): Promise<boolean>;
  /** Removes a file; one that is gone already is no error. */
  unlink(path: string): Promise<void>;
  removeTree(path: string): Promise<void>;
  /** fsync of a file or directory. */
  sync(path: string): Promise<void>;
}

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

export const nodeDisk: Disk = {
  async makeDirectory(path, owner, mode = 0o700) {
    createDirectory(path, mode, owner);
  },

  async createFile(path, bytes, owner) {
    const file = await open(path, NEW_FILE, 0o600);
    try {
      await fill(file, typeof bytes === 'string' ? Buffer.from(bytes) : bytes, owner);
    } catch (error) {
      await unlink(path).catch(() => {});
      throw error;
    } finally {
      await file.close();
    }
  },

  rename,

  async link(from, to) {
    try {
      await link(from, to);
      return true;
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      throw error;
    }
  },

  async unlink(path) {
    await unlink(path).catch(unless('ENOENT'));
  },

  async removeTree(path) {
    await rm(path, { recursive: true, force: true });
  },

  async sync(path) {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  },
};

/** A disk whose errors say which path is concerned and what to do. */
export function namingErrors(disk: Disk): Disk {
  const named = <T>(path: string, step: Promise<T>): Promise<T> =>
    step.catch((error) => {
      throw fromSystem(error, path);
    });
  return {
    makeDirectory: (path, owner, mode) => named(path, disk.makeDirectory(path, owner, mode)),
    createFile: (path, bytes, owner) => named(path, disk.createFile(path, bytes, owner)),
    rename: (from, to) => named(to, disk.rename(from, to)),
    link: (from, to) => named(to, disk.link(from, to)),
    unlink: (path) => named(path, disk.unlink(path)),
    removeTree: (path) => named(path, disk.removeTree(path)),
    sync: (path) => named(path, disk.sync(path)),
  };
}

async function fill(file: FileHandle, bytes: Uint8Array, owner: Owner) {
  await file.chmod(0o600); // the umask may have taken bits away, or the file system added some
  if (owner) await file.chown(owner.uid, owner.gid);
  await file.writeFile(bytes);
  await file.sync();
  // A full disk can cut a write short without an error.
  const { size } = await file.stat();
  if (size !== bytes.length) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
}

const unless = (code: string) => (error: unknown) => {
  if (systemCode(error) !== code) throw error;
};
