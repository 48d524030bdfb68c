import { expect, it } from 'vitest';
import { type } from '../fixtures/type.ts';

it('tells what is in force now, and which apps have its URL', async () => {
  const { stdout, status, calls } = await type(['swap', './cache']);
  expect({ status, calls }).toEqual({ status: 0, calls: ['swap cache'] });
  expect(stdout).toBe('Swapped to cache 2.0.0, in place of 1.0.0. Released 1 app.\n');
});

it('ends with 1 where an app could not be released', async () => {
  const { stdout, status } = await type(['swap', './db']);
  expect(status).toBe(1);
  expect(stdout).toContain('Not released: blog; see addons check.');
});

it('shows what it would do', async () => {
  const { stdout, calls } = await type(['swap', './cache', '--as', 'queue', '--dry-run']);
  expect(stdout).toMatch(/^Would swap queue/);
  expect(calls).toEqual([expect.stringContaining('swap queue')]);
});
