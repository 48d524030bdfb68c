import type { Disk } from '../../lib/state/disk.ts';

/** One durable step, e.g. `{ what: 'rename', path: …, to: … }`, in the order in which they are done. */
export interface Step {
  what: keyof Disk;
  path: string;
  to?: string;
}

export interface Watcher {
  /** Called with the step's number, from 1. What it throws, the disk throws instead of doing the step. */
  before?(number: number, step: Step): void;
  after?(number: number, step: Step): void;
}

/** A disk that tells of every step before and after it. `sync` of what is read, too, is a step. */
export function steppingDisk(disk: Disk, { before, after }: Watcher): Disk {
  let count = 0;
  const step = async <T>(told: Step, work: () => Promise<T>): Promise<T> => {
    const number = ++count;
    before?.(number, told);
    const result = await work();
    after?.(number, told);
    return result;
  };
  return {
    makeDirectory: (path, owner, mode) =>
      step({ what: 'makeDirectory', path }, () => disk.makeDirectory(path, owner, mode)),
    createFile: (path, bytes, owner) => step({ what: 'createFile', path }, () => disk.createFile(path, bytes, owner)),
    rename: (path, to) => step({ what: 'rename', path, to }, () => disk.rename(path, to)),
    link: (path, to) => step({ what: 'link', path, to }, () => disk.link(path, to)),
    symlink: (to, path) => step({ what: 'symlink', path, to }, () => disk.symlink(to, path)),
    unlink: (path) => step({ what: 'unlink', path }, () => disk.unlink(path)),
    removeTree: (path) => step({ what: 'removeTree', path }, () => disk.removeTree(path)),
    sync: (path) => step({ what: 'sync', path }, () => disk.sync(path)),
  };
}
