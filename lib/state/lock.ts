import { closeSync, fchownSync, mkdirSync, openSync, rmdirSync, statSync, unlinkSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { lockSync } from 'proper-lockfile';
import { AddonsError, fromSystem, systemCode } from '../errors.ts';
import { createDirectory, isRoot, takeCareOf } from './directory.ts';
import { type OwnerFile, ownerFileName, ownerFiles, removeIfDead } from './lock-owners.ts';
import { currentProcess, type ProcessIdentity } from './process-identity.ts';

export interface LockOptions {
  /** What is locked, for people: `shop`, `add-on db`. */
  label: string;
  /** When to give up waiting, in milliseconds since 1970. One that has passed still tries once. */
  deadline: number;
  signal?: AbortSignal | undefined;
  /** The platform's own user: gets what a run as root creates. */
  owner?: { uid: number; gid: number } | undefined;
  /** Called once, after 300 ms of waiting, with the holder if it is known. */
  onWaiting?: ((holder: ProcessIdentity | undefined) => void) | undefined;
}

/**
 * Runs `work` while no other process or call holds `key`. Hold it for milliseconds, never while a script runs.
 *
 * `directory` is where the locks lie; it is created if missing.
 *
 * @throws {AddonsError} `busy` at the deadline, `aborted`, `usage` for a key that is no file name, or what the disk says
 * @example
 * await withLock(platform.locks, 'addon-db', { label: 'add-on db', deadline: Date.now() + 30_000 }, () => append(line))
 */
export async function withLock<T>(
  directory: string,
  key: string,
  options: LockOptions,
  work: () => Promise<T> | T,
): Promise<T> {
  const release = await take(directory, key, options);
  try {
    return await work();
  } finally {
    release();
  }
}

/**
 * Frees a lock whose owners cannot be proven alive: for a person who knows that they are gone.
 *
 * @throws {AddonsError} `busy` if an owner is alive
 */
export function breakLock(directory: string, key: string): void {
  const path = lockPath(directory, key);
  const found = ownerFiles(path);
  const alive = found.find(({ state }) => state === 'alive');
  if (alive) throw busy(key, key, alive);
  for (const { file } of found) ignoringErrors(() => unlinkSync(file));
  ignoringErrors(() => rmdirSync(path));
}

type Release = () => void;

const WAITING_IS_WORTH_SAYING = 300;
const ABANDONED_AFTER = 250;
/** Somebody holds it, or took or freed it under our hands. */
const TRY_AGAIN = new Set(['ELOCKED', 'ENOTEMPTY', 'EEXIST', 'ENOENT']);

async function take(directory: string, key: string, options: LockOptions): Promise<Release> {
  const path = lockPath(directory, key);
  // The wall clock may be set while we wait.
  const began = performance.now();
  const end = began + options.deadline - Date.now();
  let { onWaiting } = options;
  for (;;) {
    if (options.signal?.aborted) throw aborted(options);
    const release = attempt(directory, path, options.owner);
    if (release) return release;
    const { freed, holders } = sweep(path);
    if (freed) continue;
    const now = performance.now();
    if (now >= end) throw busy(options.label, key, holders[0]);
    if (onWaiting && now - began >= WAITING_IS_WORTH_SAYING) {
      onWaiting(holders[0]?.owner);
      onWaiting = undefined;
    }
    await pause(Math.min(20 + Math.random() * 30, end - now), undefined, { signal: options.signal }).catch(() => {
      throw aborted(options);
    });
  }
}

/**
 * proper-lockfile's directory alone lets two in when a stale one is taken over, so it only admits to the second step:
 * write an owner file, then look. Whoever is inside has a file there, and a directory with a file cannot be removed;
 * of two that both write before they look, at most one sees itself alone.
 */
function attempt(directory: string, path: string, owner: LockOptions['owner']): Release | undefined {
  prepare(directory, owner);
  const file = join(path, ownerFileName(currentProcess()));
  let release: Release = () => {};
  try {
    // Named by the owner file, not by the path: proper-lockfile must not take another call's record for ours.
    const unlock = lockSync(file, {
      lockfilePath: path,
      realpath: false,
      stale: 2000,
      update: 1000,
      onCompromised: () => {},
      fs: { statSync, rmdirSync, utimesSync, mkdirSync: (name: string) => createDirectory(name, 0o700, owner) },
    });
    release = () => leave(path, file, unlock);
    sign(file, owner);
    if (isAlone(path, file)) return release;
  } catch (error) {
    release();
    if (TRY_AGAIN.has(systemCode(error) ?? '')) return undefined;
    throw fromSystem(error, path);
  }
  release();
  return undefined;
}

/** Never throws: the work is done, and what stays behind is freed when this process ends. */
function leave(path: string, file: string, unlock: Release): void {
  ignoringErrors(() => unlinkSync(file));
  try {
    unlock();
  } catch {
    // It gives up a lock whose mtime it no longer knows. An empty directory may always be removed.
    ignoringErrors(() => rmdirSync(path));
  }
}

function isAlone(path: string, file: string): boolean {
  const found = ownerFiles(path);
  return found.some((one) => one.file === file) && found.every((one) => one.file === file || removeIfDead(one));
}

/** Removes what the dead left, so that the next one need not wait until proper-lockfile calls it stale (2 s). */
function sweep(path: string): { freed: boolean; holders: OwnerFile[] } {
  const found = ownerFiles(path);
  const holders = found.filter((owner) => !removeIfDead(owner));
  const isLeft = holders.length === 0 && (found.length > 0 || isAbandoned(path));
  return { freed: isLeft && ignoringErrors(() => rmdirSync(path)), holders };
}

/**
 * Empty for so long that whoever made it was probably killed before it could sign. One who lives is not robbed: its
 * signature fails, and it tries again.
 */
function isAbandoned(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  // ctime, because proper-lockfile sets the mtime up to a second ahead.
  return found !== undefined && Date.now() - found.ctimeMs > ABANDONED_AFTER;
}

function prepare(directory: string, owner: LockOptions['owner']): void {
  try {
    const found = statSync(directory, { throwIfNoEntry: false });
    if (!found) {
      mkdirSync(dirname(directory), { recursive: true, mode: 0o755 });
      createDirectory(directory, 0o700, owner);
    } else if (owner && found.uid !== owner.uid && isRoot()) takeCareOf(directory, 0o700, owner);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw fromSystem(error, directory);
  }
}

/** The name says it all: content could be torn by a crash or refused by a full disk. */
function sign(file: string, owner: LockOptions['owner']): void {
  const fd = openSync(file, 'wx', 0o600);
  try {
    if (owner && isRoot()) fchownSync(fd, owner.uid, owner.gid);
  } finally {
    closeSync(fd);
  }
}

function lockPath(directory: string, key: string): string {
  if (/^[^/\0]{1,200}$/.test(key)) return join(directory, `${key}.lock`);
  throw new AddonsError('usage', `${JSON.stringify(key.slice(0, 80))} is not the name of a lock.`, {
    hint: 'List what is held with `addons unlock`.',
  });
}

const aborted = ({ label, signal }: LockOptions): AddonsError =>
  new AddonsError('aborted', `Waiting for ${label} was stopped.`, {
    hint: 'Run the command again: nothing was changed.',
    cause: signal?.reason,
  });

function busy(label: string, key: string, holder: Pick<OwnerFile, 'owner' | 'state'> | undefined): AddonsError {
  const who = holder?.owner.pid ? ` (pid ${holder.owner.pid}, since ${holder.owner.since})` : '';
  return new AddonsError('busy', `Another process is at work on ${label}${who}.`, {
    hint:
      holder?.state === 'unknown'
        ? `It runs on another machine or in another container; if it is gone for good, free it with \`addons unlock ${key}\`.`
        : 'Wait for it to end and run the command again, or wait longer with --wait SECONDS.',
  });
}

function ignoringErrors(call: () => void): boolean {
  try {
    call();
    return true;
  } catch {
    return false;
  }
}
