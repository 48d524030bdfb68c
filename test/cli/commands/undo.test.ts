import { expect, test } from 'vitest';
import { type } from '../fixtures/type.ts';

test('says what is back, and which variables the next release sets', async () => {
  const seen = await type(['undo', 'shop', 'db']);
  expect(seen).toMatchObject({ status: 0, stderr: '', calls: ['undo shop db'] });
  expect(seen.stdout).toBe('Brought back db of shop (shop-1): the next release sets X_DB_URL and DATABASE_URL.\n');
});

test('--dry-run and --quiet', async () => {
  expect((await type(['undo', 'shop', 'db', '--dry-run'])).stdout).toBe(
    'Would bring back db of shop:\n  - write the line\n',
  );
  expect((await type(['undo', 'shop', 'db', '--quiet'])).stdout).toBe('');
});

test('needs an app and an add-on', async () => {
  expect(await type(['undo', 'shop'])).toMatchObject({ status: 2, calls: [] });
});
