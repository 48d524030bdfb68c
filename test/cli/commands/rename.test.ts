import { expect, test } from 'vitest';
import type { RenameResult } from '../../../lib/operations/results.ts';
import { type } from '../fixtures/type.ts';

test('says what went along', async () => {
  const seen = await type(['rename', 'shop', 'store']);
  expect(seen).toMatchObject({ status: 0, stderr: '', calls: ['rename shop store'] });
  expect(seen.stdout).toBe('Renamed shop to store, with db.\n');
});

test('where lines were moved, says that a release is needed', async () => {
  const seen = await type(['rename', 'shop', 'blog']);
  expect(seen.stdout).toBe('Moved db from shop to blog: the next release of blog sets its variables.\n');
});

test.each([
  [{ outcome: 'unchanged', moved: [] }, 'There is nothing to move from shop to store.\n'],
  [{ directory: true, moved: [] }, 'Renamed shop to store, with no add-ons.\n'],
] as const)('%j', async (part, stdout) => {
  const rename = async (app: string, to: string): Promise<RenameResult> => ({
    app,
    to,
    outcome: 'done',
    directory: false,
    steps: [],
    ...part,
    moved: [...part.moved],
  });
  expect((await type(['rename', 'shop', 'store'], { addons: { rename } })).stdout).toBe(stdout);
});

test('--dry-run and --quiet', async () => {
  expect((await type(['rename', 'shop', 'store', '--dry-run'])).stdout).toBe(
    'Would rename shop to store:\n  - rename it\n',
  );
  expect((await type(['rename', 'shop', 'store', '--quiet'])).stdout).toBe('');
});

test('needs two names', async () => {
  expect(await type(['rename', 'shop'])).toMatchObject({ status: 2, calls: [] });
});
