import { readdirSync } from 'node:fs';
import { join } from 'node:path';
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

/** All records that can be read, oldest first. */
export const trashRecords = (store: Store): TrashRecord[] =>
  trashedOperations(store).flatMap((operation) => {
    try {
      return readRecord(store, operation) ?? [];
    } catch (error) {
      if (error instanceof AddonsError) return [];
      throw error;
    }
  });

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
  return identity === undefined ? undefined : parse(bytes, path);
}

function parse(bytes: Buffer, path: string): TrashRecord {
  try {
    const record = JSON.parse(bytes.toString()) as TrashRecord; // written by this file only; checked as far as it decides anything
    if (record.version === 1 && [record.addon, record.id, record.app.name, record.app.key].every(isText)) return record;
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
  else await disk.sync(platform.trash);
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
  await replaceFile(disk, path, `${JSON.stringify({ ...parse(seen.bytes, path), app })}\n`, seen, libOwner);
}

const isText = (value: unknown) => typeof value === 'string' && value !== '';
