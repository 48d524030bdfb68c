import { expect, test } from 'vitest';
import { type } from '../fixtures/type.ts';

test('--env is told as one more name', async () => {
  const seen = await type(['add', 'blog', 'redis', '--env', 'DATABASE_URL']);
  expect(seen).toMatchObject({ status: 0, stderr: '', calls: ['add blog redis'] });
  expect(seen.stdout).toBe('Added redis to blog: the next release sets X_REDIS_URL and DATABASE_URL.\n');
});

test('--env for what the app has does not speak of adding it', async () => {
  const words = ['add', 'shop', 'db', '--env', 'DATABASE_URL'];
  expect((await type(words)).stdout).toBe(
    'Named the db of shop DATABASE_URL, too (shop-1): the next release sets DATABASE_URL.\n',
  );
  expect((await type([...words, '--dry-run'])).stdout).toMatch(/^Would name the db of shop DATABASE_URL, too:\n/);
});

test('--env is for one add-on', async () => {
  expect(await type(['add', 'shop', 'db', 'redis', '--env', 'A'])).toMatchObject({ status: 2, calls: [] });
});

test('a wrong app is told alike with --env and without', async () => {
  for (const more of [[], ['--env', 'A']]) {
    const { json, status } = await type(['add', 'nosuch', 'db', ...more, '--json']);
    expect([status, json().result]).toMatchObject([3, [{ app: 'nosuch', addon: 'db' }]]);
  }
});
