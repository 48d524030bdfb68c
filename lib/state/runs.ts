import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { fromSystem, systemCode } from '../errors.ts';
import { readRegularFile, replaceFile } from './atomic-file.ts';
import { currentProcess, type ProcessIdentity } from './process-identity.ts';
import type { Store } from './store.ts';

/** One attempt to run a script for an operation: the directory `run.N` of its entry. */
export interface Run {
  number: number;
  path: string;
  script: string;
  /** unprovision: the id it is for. */
  argument: string | undefined;
  /** Milliseconds since 1970, after which its process group is killed. */
  deadline: number;
  /** Nobody yet; `void`: recovery claimed it, it never starts; else the leader of its process group. */
  claim: undefined | 'void' | ProcessIdentity;
  /** Durable end: exit status, and how many bytes of `out` count. */
  exit: { status: number; bytes: number } | undefined;
  /** What it printed, as far as it counts: at most 64 KiB and one byte. */
  out: Buffer;
  /** What this process did to it; not on disk. */
  stopped?: 'timeout' | 'aborted' | 'too-much-output';
}

const OUT_LIMIT = 64 * 1024 + 1;

/** A new attempt, durable before its wrapper starts. */
export async function openRun(
  store: Store,
  entry: { path: string; runs: Run[] },
  { script, argument, deadline }: Pick<Run, 'script' | 'argument' | 'deadline'>,
): Promise<Run> {
  const { disk, libOwner } = store;
  const number = 1 + Math.max(0, ...runNumbers(entry.path));
  const path = join(entry.path, `run.${number}`);
  await disk.makeDirectory(path, libOwner);
  await disk.createFile(join(path, 'run'), `${JSON.stringify({ script, argument, deadline })}\n`, libOwner);
  await disk.sync(path);
  await disk.sync(entry.path);
  const run: Run = {
    number,
    path,
    script,
    argument,
    deadline,
    claim: undefined,
    exit: undefined,
    out: Buffer.alloc(0),
  };
  entry.runs.push(run);
  return run;
}

/** Claims a run that nobody claimed; false when its wrapper was faster. */
export async function claimVoid({ disk, libOwner }: Store, run: Run): Promise<boolean> {
  const mine = join(run.path, `void.${process.pid}`);
  await disk.unlink(mine);
  await disk.createFile(mine, 'void\n', libOwner);
  const won = await disk.link(mine, join(run.path, 'pid'));
  await disk.sync(run.path);
  return won;
}

/** A person knows that this run's processes are gone, which cannot be seen from here: they count as dead now. */
export async function declareDead({ disk, libOwner }: Store, run: Run): Promise<void> {
  const path = join(run.path, 'pid');
  await replaceFile(disk, path, 'given up\n', readRegularFile(path), libOwner);
}

export function readRuns(entry: string): Run[] {
  return runNumbers(entry)
    .map((number) => readRun(join(entry, `run.${number}`), number))
    .filter((run) => run !== undefined);
}

const runNumbers = (entry: string): number[] =>
  list(entry)
    .map((name) => Number(/^run\.(\d+)$/.exec(name)?.[1]))
    .filter((number) => number > 0)
    .sort((a, b) => a - b);

/** The run as it is now, e.g. after its wrapper ended. Undefined: `run.N` was made but never finished being written. */
export function readRun(path: string, number: number): Run | undefined {
  const told = readStart(path);
  // A wrapper starts only after `run` is durable, so a run without it never started.
  if (told === undefined) return undefined;
  const claim = readClaim(path);
  const exit = readExit(path);
  // Before the claim nothing was printed, and a file that root's wrapper was making may not be ours to read yet.
  const out = claim === undefined || claim === 'void' ? Buffer.alloc(0) : readOut(path, exit?.bytes);
  return { number, path, ...told, claim, exit, out };
}

/** The last lines of what the script wrote to stderr, at most `limit` bytes. Not redacted. */
export function readErr(path: string, limit = 16 * 1024): Buffer {
  const all = read(join(path, 'err')) ?? Buffer.alloc(0);
  if (all.length <= limit) return all;
  const end = all.subarray(all.length - limit);
  return end.subarray(end.indexOf('\n') + 1); // half a line could hold half a secret
}

function readStart(path: string): Pick<Run, 'script' | 'argument' | 'deadline'> | undefined {
  try {
    const told = JSON.parse(read(join(path, 'run'))?.toString() ?? '') as Partial<Run>; // written by openRun only
    if (typeof told.script !== 'string' || typeof told.deadline !== 'number') return undefined;
    return { script: told.script, argument: told.argument, deadline: told.deadline };
  } catch {
    return undefined;
  }
}

/** Three lines, as the wrapper writes them: pid, its /proc stat line, and where it runs as JSON. */
function readClaim(path: string): Run['claim'] {
  const text = read(join(path, 'pid'))?.toString();
  if (text === undefined) return undefined;
  if (text.startsWith('void')) return 'void';
  const [pid, stat = '', here = ''] = text.split('\n');
  const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  try {
    return { ...(JSON.parse(here) as ProcessIdentity), pid: Number(pid), start };
  } catch {
    // Claimed, but power failed before the content was on disk, or given up by a person: of an earlier boot.
    return { ...currentProcess(), boot: 'earlier', pid: 0 };
  }
}

function readExit(path: string): Run['exit'] {
  const [, status, bytes] = /^(\d+) (\d+)\n$/.exec(read(join(path, 'exit'))?.toString() ?? '') ?? [];
  return status === undefined ? undefined : { status: Number(status), bytes: Number(bytes) };
}

function readOut(path: string, bytes: number | undefined): Buffer {
  const limit = Math.min(bytes ?? OUT_LIMIT, OUT_LIMIT);
  try {
    const fd = openSync(join(path, 'out'), 'r');
    try {
      const buffer = Buffer.alloc(limit);
      return buffer.subarray(0, readSync(fd, buffer, 0, limit, 0));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return Buffer.alloc(0);
    throw fromSystem(error, path);
  }
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw fromSystem(error, path);
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fromSystem(error, path);
  }
}
