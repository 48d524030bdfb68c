import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isVariableName } from '../app/addons-env-file.ts';
import { resourceProblem } from '../app/addons-file.ts';
import { AddonsError, fromSystem, systemCode } from '../errors.ts';
import { readRegularFile, replaceFile } from './atomic-file.ts';
import type { Store } from './store.ts';

/** A resource that was taken from its app and is unprovisioned later. The private is secret. */
export interface TrashRecord {
  version: 1;
  /** Id of the remove that put it there; also the file's name. */
  operation: string;
  app: { name: string; key: string };
  addon: string;
  id: string;
  private: string;
  /** Extra variable names. */
  env: string[];
  /** ISO 8601. */
  since: string;
  until: string;
}

/** All records that can be read, oldest first: for those who show them. */
export const trashRecords = (store: Store): TrashRecord[] => readTrash(store).records;

/** All records, and why some cannot be read: each of those may be about any resource. */
export function readTrash(store: Store): { records: TrashRecord[]; unreadable: AddonsError[] } {
  const records: TrashRecord[] = [];
  const unreadable: AddonsError[] = [];
  for (const operation of trashedOperations(store)) {
    try {
      const record = readRecord(store, operation);
      if (record) records.push(record);
    } catch (error) {
      if (!(error instanceof AddonsError)) throw error;
      unreadable.push(error);
    }
  }
  return { records, unreadable };
}

/** Names of the records, without reading them. */
export function trashedOperations({ platform }: Store): string[] {
  try {
    return readdirSync(platform.trash)
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fromSystem(error, platform.trash);
  }
}

/** One record; undefined when it is gone. @throws {AddonsError} `malformed` */
export function readRecord({ platform }: Store, operation: string): TrashRecord | undefined {
  const path = join(platform.trash, operation);
  const { bytes, identity } = readRegularFile(path);
  return identity === undefined ? undefined : parse(bytes, path, operation);
}

function parse(bytes: Buffer, path: string, operation: string): TrashRecord {
  try {
    const record = JSON.parse(bytes.toString()) as TrashRecord; // checked below, field by field
    if (record.operation === operation && isRecord(record)) return record;
  } catch {
    // answered below
  }
  throw new AddonsError('malformed', `The trash record ${path} cannot be read.`, {
    hint: 'Look at it; move it out of the trash if it is damaged. It is the only record of a resource.',
  });
}

/** Durable when it returns. One that is there stays as it is. */
export async function writeRecord(store: Store, record: TrashRecord): Promise<void> {
  const { disk, platform, libOwner } = store;
  const path = join(platform.trash, record.operation);
  const seen = readRegularFile(path);
  if (seen.identity === undefined) await replaceFile(disk, path, `${JSON.stringify(record)}\n`, seen, libOwner);
  // Whoever wrote it may have died before it was durable, and the line goes next.
  else {
    parse(seen.bytes, path, record.operation); // what cannot be read is no reason to drop the line
    await disk.sync(platform.trash);
  }
}

export async function deleteRecord({ disk, platform }: Store, operation: string): Promise<void> {
  await disk.unlink(join(platform.trash, operation));
  await disk.sync(platform.trash);
}

/** The record now belongs to another directory: what the app had moved there. Call it under both apps' locks. */
export async function moveRecord(store: Store, operation: string, app: TrashRecord['app']): Promise<void> {
  const { disk, platform, libOwner } = store;
  const path = join(platform.trash, operation);
  const seen = readRegularFile(path);
  if (seen.identity === undefined) return;
  await replaceFile(disk, path, `${JSON.stringify({ ...parse(seen.bytes, path, operation), app })}\n`, seen, libOwner);
}

/** Whether what looks like a record is one. */
const isRecord = ({ version, app, addon, id, private: secret, env, since, until }: TrashRecord): boolean =>
  version === 1 &&
  [app.name, app.key, addon, id].every(isText) &&
  typeof secret === 'string' &&
  resourceProblem({ addon, id, private: secret }) === undefined &&
  Array.isArray(env) &&
  env.every((name) => typeof name === 'string' && isVariableName(name)) &&
  [since, until].every((time) => isText(time) && !Number.isNaN(Date.parse(time)));

const isText = (value: unknown) => typeof value === 'string' && value !== '';
