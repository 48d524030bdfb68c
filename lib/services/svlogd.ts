import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLine, LogOptions } from './supervisor.ts';
import type { InstanceName } from './unit.ts';

/** Where the log of one instance lies. */
export interface LogPlace {
  daemon: string;
  instance: InstanceName;
  directory: string;
}

/** The lines of several logs by their time, the last `lines` of them; then, as they come, those to follow. */
export async function* svlogdLines(places: readonly LogPlace[], options: LogOptions): AsyncGenerator<LogLine> {
  const { lines, follow, signal } = options;
  const readers = places.map(openReader);
  try {
    const earlier = readers.flatMap(({ read }) => read()).sort((a, b) => compare(a.time, b.time));
    if (lines > 0) yield* earlier.slice(-lines);
    while (follow && !signal?.aborted) {
      for (const { read } of readers) yield* read();
      await sleep(POLL, undefined, { signal }).catch(() => {}); // the signal ends the loop
    }
  } finally {
    for (const { close } of readers) close();
  }
}

/** Milliseconds. */
const POLL = 100;

/** Reads what there is, from file to file as svlogd has put them aside, and goes on where it was. */
function openReader(place: LogPlace) {
  let file: { fd: number; inode: number } | undefined;
  let rest = '';
  const readOn = (): string[] => {
    if (file === undefined) return [];
    const bytes = Buffer.alloc(64 * 1024);
    for (let length = -1; length !== 0; ) {
      length = readSync(file.fd, bytes);
      rest += bytes.toString('latin1', 0, length); // a character may be cut here
    }
    const found = rest.split('\n');
    rest = found.pop() ?? '';
    return found;
  };
  const close = () => {
    if (file !== undefined) closeSync(file.fd);
    file = undefined;
  };
  return {
    read(): LogLine[] {
      const found: string[] = [];
      for (;;) {
        // Asked before the end is looked for: what was put aside by then gets no more.
        const next = fileAfter(place.directory, file?.inode);
        found.push(...readOn());
        if (next === undefined) break;
        const fd = open(next);
        if (fd === undefined) continue; // removed since
        close();
        file = { fd, inode: fstatSync(fd).ino };
      }
      return found.map((line) => parseLine(place, Buffer.from(line, 'latin1').toString()));
    },
    close,
  };
}

/** `@…` are the full files, named by their time; `current` is the newest. One that is gone had only older ones before it. */
function fileAfter(directory: string, inode: number | undefined): string | undefined {
  const full = namesIn(directory).filter((name) => name.startsWith('@'));
  const paths = [...full.sort(), 'current'].map((name) => join(directory, name));
  const at = paths.findIndex((path) => inode !== undefined && statSync(path, { throwIfNoEntry: false })?.ino === inode);
  return paths.slice(at + 1).find((path) => statSync(path, { throwIfNoEntry: false }) !== undefined);
}

/** `2026-11-28_02:10:11.12345 text`, in UTC. */
function parseLine({ daemon, instance }: LogPlace, line: string): LogLine {
  const [, day, time, text] = /^(\d{4}-\d\d-\d\d)_(\d\d:\d\d:\d\d\.\d+) (.*)$/.exec(line) ?? [];
  if (text === undefined) return { daemon, instance, text: line };
  return { daemon, instance, time: `${day}T${time}Z`, text };
}

const compare = (one = '', other = ''): number => (one < other ? -1 : Number(one > other));

function open(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined; // nothing was written yet
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
