import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isKept, keptIds, setKept } from '../../lib/state/kept.ts';
import { makeStore } from './journal-store.ts';

function place() {
  const store = makeStore();
  const path = store.platform.kept('vault');
  mkdirSync(join(path, '..'), { recursive: true });
  return { store, path };
}

it('nothing is marked at first, also where the add-on has no data yet', () => {
  const store = makeStore();
  expect([isKept(store, 'vault', 'v1'), [...keptIds(store, 'vault')]]).toEqual([false, []]);
});

it('marks an id for good, and only that one', async () => {
  const { store, path } = place();
  expect(await setKept(store, 'vault', 'a b/é', true)).toBe(true);
  expect(await setKept(store, 'vault', 'v2', true)).toBe(true);
  expect(await setKept(store, 'vault', 'v2', true)).toBe(false);
  expect([isKept(store, 'vault', 'a b/é'), isKept(store, 'vault', 'a'), isKept(store, 'safe', 'v2')]).toEqual([
    true,
    false,
    false,
  ]);
  expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['a b/é\nv2\n', 0o600]);
});

it('takes the mark away again', async () => {
  const { store, path } = place();
  await setKept(store, 'vault', 'v1', true);
  await setKept(store, 'vault', 'v2', true);
  expect(await setKept(store, 'vault', 'v1', false)).toBe(true);
  expect(await setKept(store, 'vault', 'v1', false)).toBe(false);
  expect(readFileSync(path, 'utf8')).toBe('v2\n');
});

it('reads what was written by hand, without a last newline', async () => {
  const { store, path } = place();
  writeFileSync(path, 'v1\n\nv2');
  expect([...keptIds(store, 'vault')]).toEqual(['v1', 'v2']);
  await setKept(store, 'vault', 'v3', true);
  expect(readFileSync(path, 'utf8')).toBe('v1\nv2\nv3\n');
});
