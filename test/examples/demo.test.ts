import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));
const DEMO = join(EXAMPLES, 'demo.mjs');

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'addons-test-demo-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const demo = (path = DEMO, words: string[] = []) =>
  spawnSync(process.execPath, [path, ...words], { env: environment(), encoding: 'utf8' });

const environment = () => ({ PATH: process.env.PATH, TMPDIR: directory, ADDONS_HOME: join(directory, 'my-own') });

test('an app writes to its database and reads it back, through its ENV alone', () => {
  const { stdout, stderr, status } = demo();
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^\$ addons add shop db\n-----> Adding db to shop\nAdded db to shop/m);
  expect(stdout).toMatch(/^export X_DB_URL='sqlite:\/\/\/.*\.sqlite'$/m);
  expect(stdout).toMatch(/visit 1, by process \d+[\s\S]*visit 2, by process \d+/);
  expect(stdout).toContain('What next:');
  expect(stdout).not.toContain('\u001b');
});

test('nothing is left behind, and a platform of one’s own is not touched', () => {
  demo();
  expect(readdirSync(directory)).toEqual([]);
});

test('with --keep the home stays and works', () => {
  const { stdout } = demo(DEMO, ['--keep']);
  const home = /^\$ export ADDONS_HOME=(.*)$/m.exec(stdout)?.[1] ?? '';
  expect(existsSync(join(home, 'apps/shop/ADDONS'))).toBe(true);
  expect(stdout).toContain(`  export ADDONS_HOME=${home}\n`);
});

test('Ctrl-C ends it and the home is gone', async () => {
  const child = spawn(process.execPath, [DEMO], {
    env: environment(),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.stdout.once('data', () => child.pid && process.kill(-child.pid, 'SIGINT'));
  expect(await ended).toBe(1);
  expect(readdirSync(directory)).toEqual([]);
});

test('a checkout that is not built says what to run', async () => {
  const checkout = join(directory, 'checkout');
  await mkdir(checkout);
  await cp(EXAMPLES, join(checkout, 'examples'), { recursive: true });
  await cp(join(EXAMPLES, '../package.json'), join(checkout, 'package.json'));
  const { stderr, status } = demo(join(checkout, 'examples/demo.mjs'));
  expect(status).toBe(1);
  expect(stderr).toContain('Run: npm install && npm run demo');
});
