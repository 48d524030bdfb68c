import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Execution } from '../../lib/processors/execution.ts';
import { openHistory, readHistory } from '../../lib/processors/history.ts';
import type { Store } from '../../lib/state/store.ts';
import { makeStore } from '../state/journal-store.ts';

const JOB = { config: {}, within: 1000 };

const executions = (count: number, more: Partial<Execution> = {}, from = 0): Execution[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `e${from + i}`,
    addon: 'db',
    action: 'url',
    started: new Date(from + i).toISOString(),
    finished: new Date(from + i).toISOString(),
    exit: 0,
    signal: null,
    output: '',
    ...more,
  }));

const keep = (store: Store, list: Execution[]) => openHistory(store).process(list, JOB);
const idsOf = (store: Store, addon?: string) => readHistory(store, addon).map(({ id }) => id);

describe('the history', () => {
  test('gives back what it was given, oldest first, of one add-on or all', async () => {
    const store = makeStore();
    expect(readHistory(store)).toEqual([]);
    const [a, b] = [executions(2), executions(1, { addon: 'redis', exit: null, signal: 'SIGKILL', app: 'shop' }, 1)];
    expect(await keep(store, a)).toEqual(a);
    await keep(store, b);
    expect(readHistory(store, 'db')).toEqual(a);
    expect(readHistory(store, 'redis')).toEqual(b);
    expect(idsOf(store)).toEqual(['e0', 'e1', 'e1']);
  });

  test('keeps the last hundred of each add-on, however they come', async () => {
    const store = makeStore();
    await keep(store, executions(1, { addon: 'rare' }));
    for (const at of [0, 99, 198]) await keep(store, executions(99, {}, at));
    await keep(store, executions(250, {}, 297));
    for (let at = 547; at < 560; at++) await keep(store, executions(1, {}, at));
    expect(idsOf(store, 'db')).toEqual(executions(100, {}, 460).map(({ id }) => id));
    expect(idsOf(store, 'rare')).toEqual(['e0']);
    const lines = readdirSync(store.platform.executions)
      .filter((name) => name.startsWith('db'))
      .map((name) => readFileSync(join(store.platform.executions, name), 'utf8').split('\n').length - 1);
    expect(Math.max(...lines)).toBeLessThanOrEqual(200);
  });

  test('keeps the end of a long output', async () => {
    const store = makeStore();
    await keep(store, executions(1, { output: `${'x'.repeat(99)}\n`.repeat(1000) }));
    const [{ output = '' } = {}] = readHistory(store);
    expect(output.length).toBeLessThan(9000);
    expect(output).toMatch(/^\[…\]\n(x{99}\n)+$/);
  });

  test('reads over what is no execution', async () => {
    const store = makeStore();
    await keep(store, executions(1));
    const path = join(store.platform.executions, 'db.jsonl');
    appendFileSync(path, '{"id":"cut');
    await keep(store, executions(1, {}, 1));
    appendFileSync(path, 'null\n[]\n{"id":7}\n{"id":"x","output":"y","exit":0.5}\n');
    expect(idsOf(store)).toEqual(['e0', 'e1']);
  });

  test('is private whatever the umask, and follows no link', async () => {
    const store = makeStore();
    const umask = process.umask(0);
    await keep(store, executions(1)).finally(() => process.umask(umask));
    expect(statSync(join(store.platform.executions, 'db.jsonl')).mode & 0o777).toBe(0o600);
    expect(statSync(store.platform.executions).mode & 0o777).toBe(0o700);
    const elsewhere = join(store.platform.libRoot, 'elsewhere');
    writeFileSync(elsewhere, '');
    symlinkSync(elsewhere, join(store.platform.executions, 'redis.jsonl'));
    await expect(keep(store, executions(1, { addon: 'redis' }))).rejects.toMatchObject({ name: 'AddonsError' });
    expect(readFileSync(elsewhere, 'utf8')).toBe('');
  });

  test('has no keys', async () => {
    const store = makeStore();
    const configured = openHistory(store).process(executions(1), { config: { keep: 5 }, within: 1000 });
    await expect(configured).rejects.toThrow('it does not know keep.');
    expect(existsSync(join(store.platform.executions, 'db.jsonl'))).toBe(false);
  });

  test('loses none to others that write at the same time', async () => {
    const store = makeStore();
    mkdirSync(store.platform.executions, { recursive: true });
    chmodSync(store.platform.executions, 0o700);
    await Promise.all(Array.from({ length: 20 }, (_, i) => keep(store, executions(5, {}, 5 * i))));
    expect(new Set(idsOf(store, 'db')).size).toBe(100);
  });
});
