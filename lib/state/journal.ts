import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AddonsError, fromSystem, systemCode } from '../errors.ts';
import { readRegularFile, replaceFile } from './atomic-file.ts';
import { nonce } from './nonce.ts';
import type { Operation } from './operation.ts';
import { currentProcess, liveness, type ProcessIdentity } from './process-identity.ts';
import { type Run, readRuns } from './runs.ts';
import type { Store } from './store.ts';

export type { Operation, OperationKind } from './operation.ts';

/** An operation under way, or what a crash left of one. */
export interface Entry {
  operation: Operation;
  path: string;
  /** Who works on it; undefined: nobody, it waits for recovery. */
  owner: ProcessIdentity | undefined;
  runs: Run[];
  /** disable: its script may have started. */
  starting: boolean;
  /** Why it needs a person; undefined: it does not. */
  quarantine: string | undefined;
}

export const newOperationId = (now = Date.now()): string => now.toString(36) + nonce();

/** Makes the operation known to everyone, durably, before anything is done. Call it under the lock that guards it. */
export async function beginEntry(store: Store, operation: Operation): Promise<Entry> {
  const { disk, platform, libOwner } = store;
  const path = join(platform.journal, operation.id);
  const building = join(platform.journal, temporaryName(operation.id));
  const owner = currentProcess();
  try {
    await disk.makeDirectory(building, libOwner);
    await disk.createFile(join(building, 'op'), `${JSON.stringify(operation)}\n`, libOwner);
    await disk.createFile(join(building, 'owner'), `${JSON.stringify(owner)}\n`, libOwner);
    await disk.sync(building);
    await disk.rename(building, path);
    await disk.sync(platform.journal);
  } catch (error) {
    // Renamed but perhaps not durable: no script has run, so nothing is lost by taking it back.
    await disk.rename(path, building).catch(() => {});
    await disk.removeTree(building).catch(() => {});
    throw fromSystem(error, path);
  }
  return { operation, path, owner, runs: [], starting: false, quarantine: undefined };
}

/** Every entry, oldest first. @throws {AddonsError} `malformed` when an `op` cannot be read: it could concern anyone */
export function readJournal(store: Store): Entry[] {
  return entryIds(store)
    .map((id) => readEntry(store, id))
    .filter((entry) => entry !== undefined);
}

/** No entry, and nothing half-made either. */
export const isEmpty = ({ platform }: Store): boolean => namesIn(platform.journal).length === 0;

/** Names of the entries, without reading them. */
export function entryIds({ platform }: Store): string[] {
  return namesIn(platform.journal)
    .filter((name) => !name.startsWith('tmp.'))
    .sort();
}

/** One entry as it is now; undefined when it is gone. */
export function readEntry({ platform }: Store, id: string): Entry | undefined {
  const path = join(platform.journal, id);
  const operation = readOperation(path);
  if (operation === undefined) return undefined;
  return {
    operation,
    path,
    owner: readJson<ProcessIdentity>(join(path, 'owner')),
    runs: readRuns(path),
    starting: existsSync(join(path, 'starting')),
    quarantine: readText(join(path, 'quarantine'))?.trim(),
  };
}

/** Owner and runs of an entry whose `op` need not be readable. */
export function readWorkers({ platform }: Store, id: string): Pick<Entry, 'owner' | 'runs'> {
  const path = join(platform.journal, id);
  const isEntry = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return { owner: readJson<ProcessIdentity>(join(path, 'owner')), runs: isEntry ? readRuns(path) : [] };
}

/** Nobody who may still work on it, and no person needed: the next command recovers it. */
export const isRecoverable = (entry: Entry): boolean =>
  entry.quarantine === undefined && (entry.owner === undefined || liveness(entry.owner) === 'dead');

/** Recovery takes the entry over. Call it under the entry's lock. */
export async function takeOver(store: Store, entry: Entry): Promise<void> {
  const path = join(entry.path, 'owner');
  const owner = currentProcess();
  await replaceFile(store.disk, path, `${JSON.stringify(owner)}\n`, readRegularFile(path), store.libOwner);
  entry.owner = owner;
}

/** A process that gives up alive lets the next one recover the entry. Again: nothing, another may own it by now. */
export async function disown(store: Store, entry: Entry): Promise<void> {
  if (entry.owner === undefined) return;
  entry.owner = undefined;
  await store.disk.unlink(join(entry.path, 'owner'));
}

export async function markStarting(store: Store, entry: Entry): Promise<void> {
  await store.disk.createFile(join(entry.path, 'starting'), '', store.libOwner);
  await store.disk.sync(entry.path);
  entry.starting = true;
}

/** Keeps the entry for a person to settle. */
export async function quarantine(store: Store, entry: Entry, reason: string): Promise<void> {
  await store.disk.createFile(join(entry.path, 'quarantine'), `${reason}\n`, store.libOwner);
  await store.disk.sync(entry.path);
  await disown(store, entry);
}

/** Says of an add which id a person will give it, or takes that back. Call it as the owner. */
export async function nameResource(store: Store, entry: Entry, resource: string | undefined): Promise<void> {
  const path = join(entry.path, 'op');
  const { resource: _, ...rest } = entry.operation;
  const operation = { ...rest, ...(resource !== undefined && { resource }) };
  await replaceFile(store.disk, path, `${JSON.stringify(operation)}\n`, readRegularFile(path), store.libOwner);
  entry.operation = operation;
}

/** A person lets recovery decide again. Call it as the owner. */
export async function liftQuarantine({ disk }: Store, entry: Entry): Promise<void> {
  await disk.unlink(join(entry.path, 'quarantine'));
  await disk.sync(entry.path);
  entry.quarantine = undefined;
}

/** Renamed first: removing file by file could leave half an entry that means something else. */
export const deleteEntry = (store: Store, { operation }: Entry): Promise<void> => discardEntry(store, operation.id);

/** Also one that cannot be read. */
export async function discardEntry({ disk, platform }: Store, id: string): Promise<void> {
  const doomed = join(platform.journal, temporaryName(id));
  await disk.rename(join(platform.journal, id), doomed);
  await disk.sync(platform.journal);
  await disk.removeTree(doomed);
}

/** Nothing that was read counts as done before it is durable: the writer may have died between write and fsync. */
export async function makeDurable(store: Store, entry: Entry): Promise<void> {
  const { disk, platform } = store;
  for (const { path, claim } of entry.runs) {
    // Before its claim a wrapper makes files that count for nothing, and root's may not have been given to us yet.
    const counts = claim === undefined ? ['run'] : readdirSync(path);
    for (const name of counts) await disk.sync(join(path, name));
    await disk.sync(path);
  }
  await disk.sync(entry.path);
  await disk.sync(platform.journal);
}

/** Removes what a dead process was building or deleting. */
export async function sweepJournal({ disk, platform }: Store): Promise<void> {
  for (const name of namesIn(platform.journal)) {
    const [, pid, start] = /^tmp\.(\d+)-(\d*)\./.exec(name) ?? [];
    if (pid === undefined) continue;
    // Another namespace's process may be taken for dead here: it then fails before it has run anything.
    const dead = liveness({ ...currentProcess(), pid: Number(pid), start: start ?? '' }) === 'dead';
    if (dead) await disk.removeTree(join(platform.journal, name));
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fromSystem(error, directory);
  }
}

function temporaryName(id: string) {
  const { pid, start } = currentProcess();
  return `tmp.${pid}-${start}.${id}.${nonce()}`;
}

function readOperation(path: string): Operation | undefined {
  const text = readText(join(path, 'op'));
  if (text === undefined && !existsSync(path)) return undefined;
  try {
    const operation = JSON.parse(text ?? '') as Operation; // checked below, field by field
    if (operation.version === 1 && typeof operation.id === 'string' && typeof operation.addon === 'string')
      return operation;
  } catch {
    // answered below
  }
  if (!existsSync(path)) return undefined; // deleted while it was read
  throw new AddonsError('malformed', `The journal entry ${path} cannot be read.`, {
    hint: 'Look at its "op" file; move the directory out of the journal if it is damaged.',
  });
}

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readText(path) ?? '') as T; // written by this file only
  } catch {
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
    throw fromSystem(error, path);
  }
}
