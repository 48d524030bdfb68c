import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DEPLOY = join(ROOT, 'examples/library/deploy.mjs');

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'addons-library-'));
  await mkdir(join(home, 'apps/shop'), { recursive: true });
});
afterEach(() => rm(home, { recursive: true, force: true }));

const deploy = (...words: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [DEPLOY, home, ...words], { encoding: 'utf8' });
  return { status, stdout, stderr };
};

test('deploys, and again changes nothing', () => {
  const first = deploy('shop', 'db');
  expect(first.stderr).toContain('-----> Adding db to shop');
  expect(first.stdout).toMatch(/^db: shop-\w+\nStart shop anew: X_DB_URL changed\.\n$/);
  expect(first.status).toBe(0);
  expect(readFileSync(join(home, 'apps/shop/ENV'), 'utf8')).toMatch(/^export X_DB_URL='sqlite:/);
  expect(deploy('shop', 'db').stdout).toMatch(/^db: shop-\w+ \(it was there\)\nshop is up to date\.\n$/);
});

test('an error is told with its next step', () => {
  expect(deploy('shop', 'dbb')).toMatchObject({ status: 1, stderr: expect.stringContaining('Did you mean "db"?') });
});

test('an add-on’s own words are shown when its script fails', async () => {
  deploy('shop', 'db');
  await writeFile(join(home, 'lib/add-ons/db/provision'), '#!/bin/sh\necho no room left in the rack >&2\nexit 1\n');
  await mkdir(join(home, 'apps/blog'));
  expect(deploy('blog', 'db')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('no room left in the rack'),
  });
});

test('Ctrl-C ends the script, and the next run goes on', async () => {
  deploy('shop', 'db');
  await mkdir(join(home, 'apps/blog'));
  const provision = join(home, 'lib/add-ons/db/provision');
  const quick = readFileSync(provision, 'utf8');
  await writeFile(provision, `#!/bin/sh\necho $$ >${home}/pid\nexec sleep 60\n`);
  const child = spawn(process.execPath, [DEPLOY, home, 'blog', 'db'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  child.stderr.on('data', (text) => {
    told += text;
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await expect.poll(() => readIfThere(join(home, 'pid')), { timeout: 60_000 }).toMatch(/\d+\n/);
  child.kill('SIGINT');
  expect(await ended).toBe(1);
  expect(told).toContain('Run it again: it goes on where it stopped.');
  expect(() => process.kill(Number(readIfThere(join(home, 'pid'))), 0)).toThrow('ESRCH');
  await writeFile(provision, quick);
  expect(deploy('blog', 'db').status).toBe(0);
});

test('its calls fit the published types', () => {
  const strict = '--ignoreConfig --noEmit --allowJs --checkJs --strict --module nodenext --target es2023 --types node';
  execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...strict.split(' '), DEPLOY], {
    cwd: ROOT,
    encoding: 'utf8',
  });
});

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
