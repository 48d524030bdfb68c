import { expect, test } from 'vitest';
import { type } from '../fixtures/type.ts';

test('says that the app goes on with the old one, and the command that ends that', async () => {
  const seen = await type(['rotate', 'shop', 'db']);
  expect(seen).toMatchObject({ status: 0, stderr: '', calls: ['rotate shop db'] });
  expect(seen.stdout).toBe(
    'Rotated the secret of db for shop. shop goes on with the old X_DB_URL until its next release: addons release shop\n',
  );
});

test('--dry-run, --quiet, --app', async () => {
  expect(await type(['rotate', 'shop', 'db', '--dry-run'])).toMatchObject({
    stdout: 'Would rotate the secret of db for shop:\n  - run rotate\n',
    calls: ['rotate shop db (dry)'],
  });
  expect((await type(['rotate', 'shop', 'db', '--quiet'])).stdout).toBe('');
  expect((await type(['rotate', 'db', '--app', 'shop'])).calls).toEqual(['rotate shop db']);
});

test.each([[['rotate', 'shop']], [['rotate', 'shop', 'db', 'redis']], [['rotate', 'shop', 'db', '--force']]])(
  '%j is no command',
  async (words) => {
    expect(await type(words)).toMatchObject({ status: 2, calls: [] });
  },
);
