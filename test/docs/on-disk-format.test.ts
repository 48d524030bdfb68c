import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlatform } from '../../lib/open-platform.ts';
import { page } from './pages.ts';

// The page says what lies where: here an add is stopped half-way, and the page compared with the disk.

const format = page('docs/on-disk-format.md');
const home = mkdtempSync(join(tmpdir(), 'docs-'));
const data = join(home, 'apps', '.add-ons', 'slow');
let entry = '';
let adding: Promise<unknown>;

beforeAll(async () => {
  writeAddon({
    enable: '',
    disable: '',
    provision: `: >"$ADDON_DATA/started"; while ! [ -e "$ADDON_DATA/go" ]; do sleep 0.05; done; echo "one;"`,
    unprovision: '',
    url: 'echo slow://one',
  });
  for (const app of ['shop', 'blog']) mkdirSync(join(home, 'apps', app));
  const platform = openPlatform({ home });
  await platform.enable('slow');
  await platform.enable('db');
  const { id = '' } = await platform.add('shop', 'db', { env: 'DATABASE_URL' });
  await platform.adopt('shop', 'db', { id, private: '' }, { keep: true });
  await platform.add('blog', 'db');
  await platform.remove('blog', 'db', { keepFor: 60 });
  await platform.release('shop');
  adding = platform.add('shop', 'slow');
  adding.catch(() => {}); // awaited below
  for (let i = 0; i < 400 && !existsSync(join(data, 'started')); i++) await sleep(25);
  const journal = join(home, 'lib', 'journal');
  entry = join(journal, readdirSync(journal)[0] ?? '');
});

afterAll(async () => {
  writeFileSync(join(data, 'go'), '');
  await adding;
  rmSync(home, { recursive: true });
});

describe('while provision runs', () => {
  test('an entry holds files that the page names, and no others', () => {
    expect(readdirSync(entry).map((name) => name.replace(/\d+$/, 'N'))).toEqual(['op', 'owner', 'run.N']);
    const run = readdirSync(join(entry, 'run.1'));
    expect(run).toContain('pid');
    const named = [...format.matchAll(/^\| ((?:`[a-z.]+`(?:, )?)+) +\|/gm)].flatMap(([, cell = '']) =>
      cell.split(', '),
    );
    expect(run.filter((name) => !named.includes(`\`${name}\``))).toEqual([]);
  });

  test('all of it is private', () => {
    expect(modesBelow(entry)).toEqual({ file: [0o600], directory: [0o700] });
  });

  test('space for the output is reserved, where the file system can do that', () => {
    const probe = join(home, 'probe');
    writeFileSync(probe, '');
    const reserves = succeeds(() => execFileSync('fallocate', ['-n', '-l', '8192', probe], { stdio: 'ignore' }));
    expect(statSync(join(entry, 'run.1', 'out')).blocks > 0).toBe(reserves);
  });
});

describe('the mode in the table is that on disk:', () => {
  const rows = [...format.matchAll(/^\| `(\/[^`]+)` +\| (?:yours; shipped: )?(0\d{3})(?:[^|]*files (0\d{3}))?/gm)];

  test.each(rows.map(([, path = '', mode = '', files]) => ({ path, mode, files })))(
    '$path',
    ({ path, mode, files }) => {
      const found = path
        .replace('/var/lib/x', join(home, 'lib'))
        .replace('/home/x', join(home, 'apps'))
        .replace('<app>', 'shop')
        .replace('<name>', 'db');
      expect(octal(statSync(found).mode & 0o777)).toBe(mode);
      if (files) for (const file of modesBelow(found).file) expect([mode, files, '0755']).toContain(octal(file));
    },
  );

  test('and there are enough of them', () => expect(rows.length).toBeGreaterThan(9));
});

function writeAddon(scripts: Record<string, string>) {
  const root = join(home, 'lib', 'add-ons', 'slow');
  mkdirSync(root, { recursive: true });
  mkdirSync(join(home, 'apps'));
  for (const [name, body] of Object.entries(scripts)) {
    writeFileSync(join(root, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  }
}

function modesBelow(root: string): { file: number[]; directory: number[] } {
  const modes = { file: new Set<number>(), directory: new Set([statSync(root).mode & 0o777]) };
  for (const found of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const mode = statSync(join(found.parentPath, found.name)).mode & 0o777;
    modes[found.isDirectory() ? 'directory' : 'file'].add(mode);
  }
  return { file: [...modes.file], directory: [...modes.directory] };
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

function succeeds(call: () => void): boolean {
  try {
    call();
    return true;
  } catch {
    return false;
  }
}
