import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openPlatform } from '../../lib/open-platform.ts';
import { page, ROOT } from './pages.ts';

const security = page('docs/security.md');
const home = mkdtempSync(join(tmpdir(), 'docs-'));
afterEach(() => rmSync(home, { recursive: true }));

test('list may print as much as the page says: no resource counts as missing because of the thousands before it', async () => {
  expect(security).toContain('64 MiB for `list`');
  const addon = join(home, 'lib', 'add-ons', 'many');
  cpSync(join(ROOT, 'examples', 'own-add-on', 'inbox'), addon, { recursive: true });
  writeFileSync(join(addon, 'list'), '#!/bin/sh\nseq -f "a-%020.0f" 1 4000\nls "$ADDON_DATA/inboxes"\n', {
    mode: 0o755,
  });
  mkdirSync(join(home, 'apps', 'shop'), { recursive: true });
  const platform = openPlatform({ home });
  await platform.enable('many');
  await platform.add('shop', 'many');
  await platform.release('shop');
  const { findings } = await platform.check();
  expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(['orphan']));
  expect(findings).toHaveLength(4000);
});
