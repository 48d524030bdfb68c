import { join } from 'node:path';
import { type AppendedFile, appendLines, partsOf, sizeOf } from './appended-file.ts';
import type { Store } from './store.ts';

/** The operations log: the newest part first, then the older ones, whether they exist or not. */
export const logParts = (store: Store): string[] => partsOf(fileOf(store, LIMIT));

/**
 * Appends one line, given without its line break.
 *
 * @param limit bytes of the newest part from which on it is put aside
 * @throws {AddonsError} `disk-full`, `read-only`, `permission`, `io`
 */
export const appendLogLine = (store: Store, line: string, limit = LIMIT): Promise<void> =>
  appendLines(store, fileOf(store, limit), [line]);

const LIMIT = 10 * 1024 * 1024;

const fileOf = ({ platform }: Store, limit: number): AppendedFile => ({
  path: join(platform.log, 'operations.jsonl'),
  older: 5,
  isFull: (path) => sizeOf(path) >= limit,
  lock: 'log',
  label: 'the operations log',
});
