import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fromSystem, systemCode } from '../errors.ts';
import { logParts } from './operations-log.ts';
import type { Store } from './store.ts';

/** A file that is appended to, as it is read: its parts are open, so that a rotation takes none away. */
export interface LineReader {
  /** Lines of all parts that have not been read yet, oldest first. */
  lines(): Generator<string>;
  /** The same part by part, newest part first: for those who want the end only. Read by nothing else before. */
  partsFromTheEnd(): Generator<Generator<string>>;
  /** Goes on with the newest part: waits for more, over rotations too, until the signal. */
  follow(signal: AbortSignal | undefined): AsyncGenerator<string>;
  close(): void;
}

/** @throws {AddonsError} `permission`, `io` */
export const openLogReader = (store: Store): LineReader => openLineReader(logParts(store));

/** @param paths the newest part first @throws {AddonsError} `permission`, `io` */
export function openLineReader(paths: readonly string[]): LineReader {
  // Oldest first.
  let parts = openNewer(paths, undefined);
  return {
    *lines() {
      for (const part of parts) yield* part.lines();
    },
    *partsFromTheEnd() {
      for (const part of parts.toReversed()) yield part.lines();
    },
    async *follow(signal) {
      // What is older may not have been read at all.
      for (const part of parts.slice(0, -1)) part.close();
      parts = parts.slice(-1);
      while (!signal?.aborted) {
        for (const part of parts) yield* part.lines();
        const newer = openNewer(paths, parts.at(-1));
        // Who opened the last part before it was put aside may still append to it: it is read on until the next one is.
        for (const part of newer.length > 0 ? parts.slice(0, -1) : []) part.close();
        parts = newer.length > 0 ? [...parts.slice(-1), ...newer] : parts;
        if (newer.length === 0) await pause(LOOK_AGAIN, undefined, { signal }).catch(() => {});
      }
    },
    close: () => {
      for (const part of parts) part.close();
    },
  };
}

/** Milliseconds. A watcher would not see files on every file system. */
const LOOK_AGAIN = 150;
/** The longest that anyone writes are half of that: what is longer is damage, and must not fill the memory. */
const LONGEST_LINE = 64 * 1024;

interface Part {
  /** Device and inode: a part that is open keeps them, whatever its name becomes. */
  key: string;
  lines(): Generator<string>;
  close(): void;
}

/**
 * The parts that are newer than this one, or all, oldest first. They are opened from the newest on: when a rotation comes in
 * between, a part is met twice and none is missed.
 */
function openNewer(paths: readonly string[], known: Part | undefined): Part[] {
  const found: Part[] = [];
  for (const path of paths) {
    const part = openPart(path);
    const isNew = part && part.key !== known?.key && found.every(({ key }) => key !== part.key);
    if (isNew) found.unshift(part);
    else part?.close();
    if (part && part.key === known?.key) break;
  }
  return found;
}

function openPart(path: string): Part | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw fromSystem(error, path);
  }
  const stat = fstatSync(fd);
  if (!stat.isFile()) {
    closeSync(fd);
    return undefined;
  }
  return { key: `${stat.dev}:${stat.ino}`, lines: splitter(fd), close: () => closeSync(fd) };
}

/** Gives the whole lines that are there since the last call; one without its end is kept for the next call. */
function splitter(fd: number): () => Generator<string> {
  const chunk = Buffer.allocUnsafe(64 * 1024);
  let rest = '';
  let skipping = false;
  const decoder = new TextDecoder();
  return function* () {
    for (;;) {
      const length = readSync(fd, chunk, 0, chunk.length, null);
      if (length === 0) return;
      const pieces = (rest + decoder.decode(chunk.subarray(0, length), { stream: true })).split('\n');
      rest = pieces.pop() ?? '';
      for (const line of pieces) {
        if (!skipping && line !== '') yield line;
        skipping = false;
      }
      if (rest.length > LONGEST_LINE) [rest, skipping] = ['', true];
    }
  };
}
