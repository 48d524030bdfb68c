import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlatform } from '../../lib/open-platform.ts';
import type { Addons } from '../../lib/operations/results.ts';
import { expectValid } from './fixtures/output-schema.ts';
import { type } from './fixtures/type.ts';

// What the library itself gives goes through the command line, and is compared with the published schema.

const home = mkdtempSync(join(tmpdir(), 'json-'));
let addons: Addons;

beforeAll(async () => {
  addons = openPlatform({ home });
  for (const app of ['shop', 'blog', 'lost']) mkdirSync(join(home, 'apps', app), { recursive: true });
  mkdirSync(join(home, 'etc/add-ons.d'), { recursive: true });
  writeFileSync(join(home, 'etc/add-ons.d/queue.toml'), '[config]\nwait = 60\n');
  await addons.enable('db');
  const { id = '' } = await addons.add('shop', 'db', { env: 'DATABASE_URL' });
  await addons.release('shop');
  await addons.adopt('shop', 'db', { id, private: '' }, { keep: true });
  await addons.add('blog', 'db');
  await addons.remove('blog', 'db', { keepFor: 1000 });
  await addons.add('blog', 'db');
  writeFileSync(join(home, 'apps', 'lost', 'ADDONS'), 'gone;1;\nnonsense\n', { mode: 0o644 });
});

afterAll(() => rmSync(home, { recursive: true }));

const MANIFEST = JSON.stringify({ apps: { shop: { db: { env: ['PRIMARY_URL'] } }, blog: {} } });

const COMMANDS: [words: string[], input?: string][] = [
  [['list']],
  [['list', '-a']],
  [['info', 'db']],
  [['cron']],
  [['install', 'db', '--as', 'queue']],
  [['info', 'queue']],
  [['uninstall', 'queue', '--dry-run']],
  [['uninstall', 'queue']],
  [['status']],
  [['status', '--health']],
  [['check', '--fix', '--dry-run']],
  [['log']],
  [['log', 'shop', '--last', '1']],
  [['executions']],
  [['executions', '--app', 'shop', '--add-on', 'db']],
  [['processors']],
  [['trash']],
  [['export', 'shop', 'blog']],
  [['plan', '-'], MANIFEST],
  [['apply', '-', '--dry-run'], MANIFEST],
  [['apply', '-', '--force', '--keep-for', '7d'], MANIFEST],
  [['undo', 'blog', 'db', '--dry-run']],
  [['rename', 'blog', 'weblog', '--dry-run']],
  [['clone', 'shop', 'staging', '--with-data']],
  [['release', 'shop', 'blog']],
  [['trash', '--empty', '--force', '--dry-run']],
  [['remove', 'shop', 'db', '--dry-run']],
  [['use']],
  [['completion', 'bash']],
];

describe('with --json, what a real platform gives is of the documented shape:', () => {
  test.each(COMMANDS.map(([words, input]) => [words.join(' '), words, input] as const))(
    'addons %s',
    async (_, words, input) => {
      const env = { XDG_CONFIG_HOME: join(home, 'config'), ADDONS_HOME: home };
      const seen = await type([...words, '--json'], { addons, env, ...(input !== undefined && { input }) });
      expectValid(seen.json());
      expect(seen.json()).toHaveProperty('result');
      expect(seen.json()).not.toHaveProperty('error');
    },
  );
});
