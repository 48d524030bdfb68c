import { expect, test } from 'vitest';
import type { CloneResult } from '../../../lib/operations/results.ts';
import { type } from '../fixtures/type.ts';

test('says what the new app got, and whether it is empty', async () => {
  const empty = await type(['clone', 'shop', 'staging']);
  expect(empty).toMatchObject({ status: 0, stderr: '', calls: ['clone shop staging'] });
  expect(empty.stdout).toBe('Added db to staging, empty: the next release of staging sets its variables.\n');
  const full = await type(['clone', 'shop', 'staging', '--with-data']);
  expect(full.calls).toEqual(['clone shop staging with data']);
  expect(full.stdout).toContain('Added db to staging, with the data of shop:');
});

test.each([
  ['where it has all', [{ outcome: 'unchanged' }], 'staging has all that shop has already.\n'],
  ['where there is nothing', [], 'shop has no add-ons: nothing to clone.\n'],
] as const)('says that nothing was added %s', async (_, added, stdout) => {
  const shared = { app: 'staging', addon: 'db', id: '1', configVar: 'X_DB_URL' };
  const clone = async (app: string, to: string): Promise<CloneResult> => ({
    app,
    to,
    outcome: 'unchanged',
    added: added.map((one) => ({ ...shared, ...one, env: [], steps: [] })),
    data: false,
    steps: [],
  });
  expect((await type(['clone', 'shop', 'staging'], { addons: { clone } })).stdout).toBe(stdout);
});

test('--dry-run and --quiet', async () => {
  const seen = await type(['clone', 'shop', 'staging', '--with-data', '--dry-run']);
  expect(seen).toMatchObject({ stdout: 'Would give staging what shop has:\n  - add db\n' });
  expect((await type(['clone', 'shop', 'staging', '--quiet'])).stdout).toBe('');
});

test('needs two names', async () => {
  expect(await type(['clone', 'shop'])).toMatchObject({ status: 2, calls: [] });
});
