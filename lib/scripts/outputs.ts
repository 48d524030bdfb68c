import {
  chmodSync,
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  statSync,
  truncateSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { fromSystem, systemCode } from '../errors.ts';
import { nonce } from '../state/nonce.ts';

/** Most that is taken of a script's stdout, in bytes; one byte more shows that it was too long. */
export const OUT_LIMIT = 64 * 1024;
/** How much of the end of stderr is kept, in bytes. */
export const ERR_KEPT = 16 * 1024;

/**
 * Makes the directory of output files, private to this user, and sweeps it when much lies in it.
 *
 * @throws {AddonsError} `permission`, `disk-full`, `read-only`, `io`
 */
export function openOutputs(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if ((statSync(directory).mode & 0o077) !== 0) chmodSync(directory, 0o700);
    if (readdirSync(directory).length > SWEEP_ABOVE) sweepOutputs(directory);
  } catch (error) {
    throw fromSystem(error, directory);
  }
}

/** What the names of this process's output files start with: it tells a sweep whose they are. */
export const outputOwner = (): string => `${process.pid}-${pidNamespace()}`;

/** A new, empty file for what one run writes, open for writing. */
export function newOutput(directory: string, kind: 'out' | 'err'): { path: string; fd: number } {
  const path = join(directory, `${outputOwner()}-${nonce()}-0.${kind}`);
  return { path, fd: openSync(path, 'wx', 0o600) };
}

/**
 * Removes the output files of dead processes and says how many. Those of another pid namespace are left alone.
 *
 * @throws system errors when the directory cannot be read
 */
export function sweepOutputs(directory: string): number {
  const here = pidNamespace();
  const orphans = readdirSync(directory).filter((name) => {
    const [, pid, namespace] = OUTPUT_NAME.exec(name) ?? [];
    return pid !== undefined && namespace === here && isDead(Number(pid));
  });
  for (const name of orphans) removeOutput(join(directory, name));
  return orphans.length;
}

/** Reads a script's stdout, `limit` and one byte at most, and removes the file. Never created: empty. */
export function takeOut(path: string, limit = OUT_LIMIT): Buffer {
  const out = read(path, 0, limit + 1);
  removeOutput(path);
  return out;
}

/** Reads the last `ERR_KEPT` bytes of a script's stderr and removes the file. Never created: empty. */
export function takeErr(path: string): Buffer {
  const size = sizeOf(path);
  const kept = size > 0 ? read(path, Math.max(0, size - ERR_KEPT), ERR_KEPT) : Buffer.alloc(0);
  const err = size > ERR_KEPT ? kept.subarray(kept.indexOf('\n') + 1) : kept; // half a line could hold half a secret
  removeOutput(path);
  return err;
}

/** Whether a growing `out` is too long by now. What no one will read of it and of `err` is given back to the disk. */
export function outgrown(out: string, err: string): boolean {
  if (sizeOf(err) > ERR_BOUND) truncate(err, 0);
  if (sizeOf(out) <= OUT_LIMIT) return false;
  truncate(out, OUT_LIMIT + 1);
  return true;
}

const SWEEP_ABOVE = 64; // files
const ERR_BOUND = 1024 * 1024; // bytes
const OUTPUT_NAME = /^(\d+)-(\d+)-[0-9a-f]+-\d+\.(?:out|err)$/;

// One for all: it is filled and copied from without a pause in between.
const page = Buffer.allocUnsafeSlow(OUT_LIMIT + 1);

function read(path: string, from: number, most: number): Buffer {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return Buffer.alloc(0); // the shell could not create it
    throw fromSystem(error, path);
  }
  try {
    const into = most <= page.length ? page : Buffer.allocUnsafe(Math.min(most, fstatSync(fd).size));
    // A regular file gives less than asked for at its end only.
    const length = readSync(fd, into, 0, Math.min(most, into.length), from);
    return into === page ? Buffer.from(page.subarray(0, length)) : into.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}

function removeOutput(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already, or left for a sweep: no reason to fail what the script achieved.
  }
}

function truncate(path: string, length: number): void {
  try {
    truncateSync(path, length);
  } catch {
    // The script ended and its output was taken meanwhile.
  }
}

const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

// A pid means nothing outside its namespace, and containers share directories.
export function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}

/** ESRCH, and nothing less, means dead. */
export function isDead(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return systemCode(error) === 'ESRCH';
  }
}
