import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsync,
  linkSync,
  openSync,
  renameSync,
  rm,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { promisify } from 'node:util';
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
  /** A new link that says `to`. Fails when the name is taken. */
  symlink(to: string, path: string): Promise<void>;
  /** Removes a file; one that is gone already is no error. */
  unlink(path: string): Promise<void>;
  removeTree(path: string): Promise<void>;
  /** fsync of a file or directory. */
  sync(path: string): Promise<void>;
}

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

// Calls of microseconds are made at once: a round trip through the thread pool costs more than most of them. fsync,
// which may take long, and the removal of trees are not.
export const nodeDisk: Disk = {
  async makeDirectory(path, owner, mode = 0o700) {
    createDirectory(path, mode, owner);
  },

  async createFile(path, bytes, owner) {
    const fd = openSync(path, NEW_FILE, 0o600);
    try {
      await fill(fd, typeof bytes === 'string' ? Buffer.from(bytes) : bytes, owner);
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(fd);
    }
  },

  async rename(from, to) {
    renameSync(from, to);
  },

  async link(from, to) {
    try {
      linkSync(from, to);
      return true;
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      throw error;
    }
  },

  async symlink(to, path) {
    symlinkSync(to, path);
  },

  async unlink(path) {
    try {
      unlinkSync(path);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  },

  async removeTree(path) {
    await removal(path, { recursive: true, force: true });
  },

  async sync(path) {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      await flush(fd);
    } finally {
      closeSync(fd);
    }
  },
};

const flush = promisify(fsync);
const removal = promisify(rm);

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
    symlink: (to, path) => named(path, disk.symlink(to, path)),
    unlink: (path) => named(path, disk.unlink(path)),
    removeTree: (path) => named(path, disk.removeTree(path)),
    sync: (path) => named(path, disk.sync(path)),
  };
}

async function fill(fd: number, bytes: Uint8Array, owner: Owner) {
  fchmodSync(fd, 0o600); // the umask may have taken bits away, or the file system added some
  if (owner) fchownSync(fd, owner.uid, owner.gid);
  writeFileSync(fd, bytes);
  await flush(fd);
  // A full disk can cut a write short without an error.
  if (fstatSync(fd).size !== bytes.length) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
}
