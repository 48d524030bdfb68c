import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { testAddon } from '../../lib/kit/test-addon.ts';
import { collect } from '../operations/world.ts';

const ADDONS = join(import.meta.dirname, '../../addons');

/** Every check of a shipped server add-on passes, logins included; none is skipped, and nothing is left. */
export async function expectKept(addon: string, config: Record<string, string>, DOCKER_HOST: string): Promise<void> {
  const temporary = mkdtempSync(join(tmpdir(), 'shipped-'));
  chmodSync(temporary, 0o711); // servers have users of their own
  onTestFinished(() => rmSync(temporary, { recursive: true, force: true }));
  const options = { connect: true, config, environment: { DOCKER_HOST }, temporary };
  const ends = await collect(testAddon(join(ADDONS, addon), options));
  expect(ends.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
}
