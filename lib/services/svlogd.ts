import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLine, LogOptions } from './supervisor.ts';

/** Where the log of one instance lies. */
export interface LogPlace {
  daemon: string;
  instance: number;
  directory: string;
}

/**
 * The lines of several logs by their time, the last `lines` of them; then, as they come, those to follow. A file that svlogd has
 * put aside meanwhile is read to its end first.
 */
export async function* svlogdLines(places: readonly LogPlace[], options: LogOptions): AsyncGenerator<LogLine> {
  const { lines, follow, signal } = options;
  const followed = follow ? places.map(tail) : [];
  try {
    const earlier = places.flatMap(earlierLines).sort((a, b) => compare(a.time, b.time));
    if (lines > 0) yield* earlier.slice(-lines);
    while (follow && !signal?.aborted) {
      for (const next of followed) yield* next.read();
      await sleep(POLL, undefined, { signal }).catch(() => {}); // the signal ends the loop
    }
  } finally {
    for (const { close } of followed) close();
  }
}

/** Milliseconds. */
const POLL = 100;

/** `@…` are the full files, named by their time; `current` is the newest. */
function earlierLines(place: LogPlace): LogLine[] {
  const names = namesIn(place.directory).filter((name) => name.startsWith('@'));
  return [...names.sort(), 'current'].flatMap((name) => {
    const text = textOf(join(place.directory, name));
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => parseLine(place, line));
  });
}

/** Follows `current`, beginning at its end. */
function tail(place: LogPlace) {
  const path = join(place.directory, 'current');
  let fd = open(path);
  let at = fd === undefined ? 0 : fstatSync(fd).size;
  let rest = '';
  const readOn = (): string[] => {
    if (fd === undefined) return [];
    const bytes = Buffer.alloc(64 * 1024);
    for (let length = -1; length !== 0; at += length) {
      length = readSync(fd, bytes, 0, bytes.length, at);
      rest += bytes.toString('utf8', 0, length);
    }
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    return lines;
  };
  const close = () => {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
  };
  return {
    read(): LogLine[] {
      const lines = readOn();
      if (!isSameFile(fd, path)) {
        lines.push(...readOn()); // written after the first look and before it was put aside
        close();
        fd = open(path);
        at = 0;
        lines.push(...readOn());
      }
      return lines.map((line) => parseLine(place, line));
    },
    close,
  };
}

function isSameFile(fd: number | undefined, path: string): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  return fd !== undefined && now !== undefined && fstatSync(fd).ino === now.ino;
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

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // rotated away since
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
