import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  deleteRecord,
  moveRecord,
  readRecord,
  type TrashRecord,
  trashedOperations,
  trashRecords,
  writeRecord,
} from '../../lib/state/trash.ts';
import { makeStore, watched } from './journal-store.ts';

const record = (operation: string, rest: Partial<TrashRecord> = {}): TrashRecord => ({
  version: 1,
  operation,
  app: { name: 'shop', key: '1-2-3' },
  addon: 'db',
  id: 'é /1',
  private: 's3cret',
  env: ['DATABASE_URL'],
  since: '2026-01-02T03:04:05.678Z',
  until: '2026-01-09T03:04:05.678Z',
  ...rest,
});

describe('a record', () => {
  it('is written whole and private, and read as it was', async () => {
    const store = makeStore();
    await writeRecord(store, record('m1'));
    expect(readRecord(store, 'm1')).toEqual(record('m1'));
    expect(statSync(join(store.platform.trash, 'm1')).mode & 0o777).toBe(0o600);
    expect(readdirSync(store.platform.trash)).toEqual(['m1']);
  });

  it('that is there stays as it is: recovery writes it again', async () => {
    const store = makeStore();
    await writeRecord(store, record('m1'));
    await writeRecord(store, record('m1', { until: '2999-01-01T00:00:00.000Z' }));
    expect(readRecord(store, 'm1')).toEqual(record('m1'));
  });

  it('that is there is made durable again: whoever wrote it may have died before it was', async () => {
    const store = makeStore();
    await writeRecord(store, record('m1'));
    const { store: second, steps } = watched(store);
    await writeRecord(second, record('m1'));
    expect(steps).toEqual([`sync ${store.platform.trash}`]);
  });

  it('is gone for good before deleting returns', async () => {
    const store = makeStore();
    await writeRecord(store, record('m1'));
    const { store: second, steps } = watched(store);
    await deleteRecord(second, 'm1');
    expect(steps).toEqual([`unlink ${store.platform.trash}/m1`, `sync ${store.platform.trash}`]);
    expect(readRecord(store, 'm1')).toBeUndefined();
    await deleteRecord(store, 'm1'); // by a recovery that comes late
  });

  it('can be given to another app, and keeps all else', async () => {
    const store = makeStore();
    await writeRecord(store, record('m1'));
    await moveRecord(store, 'm1', { name: 'store', key: '7-8-9' });
    expect(readRecord(store, 'm1')).toEqual(record('m1', { app: { name: 'store', key: '7-8-9' } }));
    await moveRecord(store, 'gone', { name: 'store', key: '7-8-9' });
    expect(trashedOperations(store)).toEqual(['m1']);
  });

  it('is not half there after a full disk', async () => {
    const store = makeStore();
    const { store: full } = watched(store, 'rename');
    await expect(writeRecord(full, record('m1'))).rejects.toThrow();
    expect(trashRecords(store)).toEqual([]);
    expect(existsSync(join(store.platform.trash, 'm1'))).toBe(false);
  });
});

describe('all records', () => {
  it('come oldest first', async () => {
    const store = makeStore();
    for (const name of ['m3', 'm1', 'm2']) await writeRecord(store, record(name));
    expect(trashRecords(store).map(({ operation }) => operation)).toEqual(['m1', 'm2', 'm3']);
  });

  it('are none where there is no trash yet', () => {
    const store = makeStore();
    expect(trashRecords({ ...store, platform: { ...store.platform, trash: '/nonexistent/trash' } })).toEqual([]);
  });

  it.each([
    ['torn', '{"version":1,'],
    ['empty', ''],
    ['of another version', JSON.stringify({ ...record('m2'), version: 2 })],
    ['without an id', JSON.stringify(record('m2', { id: '' }))],
    ['no object', 'null'],
  ])('leave out one that is %s, which says where it is and that it matters', async (_, text) => {
    const store = makeStore();
    await writeRecord(store, record('m1'));
    const path = join(store.platform.trash, 'm2');
    writeFileSync(path, text);
    expect(trashRecords(store).map(({ operation }) => operation)).toEqual(['m1']);
    expect(trashedOperations(store)).toEqual(['m1', 'm2']);
    expect(() => readRecord(store, 'm2')).toThrow(`The trash record ${path} cannot be read.`);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('leave out what is no file', () => {
    const store = makeStore();
    mkdirSync(join(store.platform.trash, 'm1'));
    symlinkSync('/etc/passwd', join(store.platform.trash, 'm2'));
    expect(trashRecords(store)).toEqual([]);
  });

  it('leave out what is being written', () => {
    const store = makeStore();
    writeFileSync(join(store.platform.trash, '.m1.4711.abc.tmp'), '');
    expect(trashedOperations(store)).toEqual([]);
  });
});

describe('a record is refused', () => {
  it.each([
    ['without names', { env: undefined }],
    ['with a name that is none', { env: ['A B'] }],
    ['without a private', { private: undefined }],
    ['with an id that no line can hold', { id: 'a;b' }],
    ['without its operation', { operation: undefined }],
    ['of another operation', { operation: '..' }],
    ['without an end', { until: undefined }],
    ['with an end that is no time', { until: 'soon' }],
    ['without an app', { app: undefined }],
  ])('%s', async (_, rest) => {
    const store = makeStore();
    await writeRecord(store, record('m1'));
    writeFileSync(join(store.platform.trash, 'm1'), JSON.stringify({ ...record('m1'), ...rest }));
    expect(() => readRecord(store, 'm1')).toThrow(/cannot be read/);
    expect(trashRecords(store)).toEqual([]);
    await expect(writeRecord(store, record('m1'))).rejects.toThrow(/cannot be read/);
  });
});
