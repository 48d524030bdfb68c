import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { fromSystem, systemCode } from '../errors.ts';
import { processExists, readRegularFile, replaceFile, temporaryPath } from './atomic-file.ts';
import { createDirectory } from './directory.ts';
import type { Store } from './store.ts';

// The crontab is derived from which add-ons are enabled. These files say where it is worth looking: no program is started for
// add-ons without jobs.

const directory = ({ platform }: Store, addon: string): string => join(platform.cron, addon);

/** Exists while the crontab may hold jobs of the add-on, and says with which program. */
const markOf = (store: Store, addon: string): string => join(directory(store, addon), 'in-crontab');

/** The file that one run of a job locks, if it does not allow another. */
export const jobLock = (store: Store, addon: string, job: string): string =>
  join(directory(store, addon), `${job}.lock`);

/** The record of a job's last run. */
export const jobRecord = (store: Store, addon: string, job: string): string =>
  join(directory(store, addon), `${job}.last`);

export const mayBeInCrontab = (store: Store, addon: string): boolean => existsSync(markOf(store, addon));

/** Add-ons of which the crontab may hold jobs, by name. */
export const inCrontab = (store: Store): string[] =>
  names(store.platform.cron).filter((addon) => mayBeInCrontab(store, addon));

/** Before the crontab gets jobs of the add-on. @param program the words that start this program there */
export async function markInCrontab(store: Store, addon: string, program: readonly string[]): Promise<void> {
  prepareCronState(store, addon);
  const path = markOf(store, addon);
  const text = `${JSON.stringify(program)}\n`;
  const seen = readRegularFile(path);
  if (seen.bytes.toString() !== text) await replaceFile(store.disk, path, text, seen, store.libOwner);
}

/** The words that start this program in the crontab, as they were last written; undefined: nobody knows. */
export function programInCrontab(store: Store, addon: string): string[] | undefined {
  try {
    const words = JSON.parse(readRegularFile(markOf(store, addon)).bytes.toString());
    return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : undefined;
  } catch {
    return undefined; // torn by nobody, but perhaps by an editor
  }
}

/** After it lost them. */
export async function unmarkInCrontab(store: Store, addon: string): Promise<void> {
  if (!mayBeInCrontab(store, addon)) return;
  await store.disk.unlink(markOf(store, addon));
  await store.disk.sync(directory(store, addon));
}

/** Says that the crontab is to be looked at once this process is done with the add-on, or dead. */
export async function announceChange(store: Store, addon: string): Promise<string> {
  prepareCronState(store, addon);
  const path = temporaryPath(join(directory(store, addon), 'crontab'));
  await create(store, path);
  return path;
}

/** What dead processes announced, by add-on. */
export const announced = (store: Store): { addon: string; paths: string[] }[] =>
  names(store.platform.cron).flatMap((addon) => {
    const paths = names(directory(store, addon))
      .filter((name) => isOfDead(name))
      .map((name) => join(directory(store, addon), name));
    return paths.length > 0 ? [{ addon, paths }] : [];
  });

const isOfDead = (name: string): boolean => {
  const pid = /^\.crontab\.(\d+)\.[0-9a-f]{12}\.tmp$/.exec(name)?.[1];
  return pid !== undefined && !processExists(Number(pid));
};

/** A job's log; older parts have a number behind the name. */
export const jobLog = ({ platform }: Store, addon: string, job: string): string =>
  join(platform.logs, addon, `cron-${job}.log`);

/** Forgets the add-on's jobs, logs included, of one that is gone. */
export async function dropCronState(store: Store, addon: string): Promise<void> {
  const logs = join(store.platform.logs, addon);
  await store.disk.removeTree(directory(store, addon));
  for (const name of names(logs)) if (name.startsWith('cron-')) await store.disk.unlink(join(logs, name));
  try {
    rmdirSync(logs);
  } catch {
    // Not there, or something else has logs in it.
  }
}

/** Makes the directories of the add-on's jobs, for their state and their logs. */
export function prepareCronState(store: Store, addon: string): void {
  const { cron, logs } = store.platform;
  for (const path of [cron, directory(store, addon), logs, join(logs, addon)]) makeDirectory(path, store.libOwner);
}

function makeDirectory(path: string, owner: Store['libOwner']): void {
  try {
    mkdirSync(join(path, '..'), { recursive: true, mode: 0o755 });
    createDirectory(path, 0o700, owner);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw fromSystem(error, path);
  }
}

async function create(store: Store, path: string): Promise<void> {
  try {
    await store.disk.createFile(path, '', store.libOwner);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST' && systemCode((error as Error).cause) !== 'EEXIST') throw error;
  }
  await store.disk.sync(join(path, '..'));
}

function names(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
    throw fromSystem(error, path);
  }
}
