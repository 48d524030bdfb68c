import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CheckEnd } from '../../lib/kit/results.ts';
import { testAddon } from '../../lib/kit/test-addon.ts';

test('the example with a daemon keeps the contract', { timeout: 120_000 }, async () => {
  const ends: CheckEnd[] = [];
  for await (const end of testAddon(join(import.meta.dirname, '../../examples/daemon/hello'))) ends.push(end);
  expect(ends.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  const passed = ends.flatMap(({ check, outcome }) => (outcome === 'passed' ? [check] : []));
  expect(passed).toEqual(expect.arrayContaining(['health', 'url', 'concurrent', 'nothing-left', 'enable-anew']));
});
