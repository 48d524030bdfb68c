import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

let directory: string;
let bin: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'addons-process-'));
  bin = join(directory, 'addons.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('fixtures/main.ts', import.meta.url))],
    outfile: bin,
    bundle: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  });
});

afterAll(() => rm(directory, { recursive: true, force: true }));

test('a reader that goes away ends nothing and says nothing', async () => {
  const output = execFileSync('bash', [
    '-c',
    'set -o pipefail; "$0" "$1" list | head -n 2; echo $?',
    process.execPath,
    bin,
  ]);
  expect(output.toString()).toBe('APP        ADD-ON  ID  VARIABLE  STATE\napp-0      -\n0\n');
});

test('a slow reader gets all of it', () => {
  const output = execFileSync('bash', ['-c', '"$0" "$1" list | (sleep 0.3; wc -l)', process.execPath, bin]);
  expect(Number(output)).toBe(20_001);
});

test('a full disk under stdout is an error', async () => {
  const child = spawn(process.execPath, [bin, 'list'], { stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'] });
  expect(await ended(child)).toMatchObject({ status: 1, stderr: expect.stringContaining('no space is left') });
});

test('a pipe where the used app is remembered holds nobody up', () => {
  mkdirSync(join(directory, 'addons'));
  const pipe = join(directory, 'addons/used-apps.json');
  execFileSync('mkfifo', [pipe]);
  const { status, stderr } = spawnSync(process.execPath, [bin, 'release'], {
    env: { PATH: process.env.PATH, XDG_CONFIG_HOME: directory },
    timeout: 10_000,
    killSignal: 'SIGKILL',
    encoding: 'utf8',
  });
  expect({ status, stderr }).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(`${pipe} is no regular file.`),
  });
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s stops the script, waits for it, and exits 130',
  async (signal) => {
    const child = spawn(process.execPath, [bin, 'url', 'shop', 'db'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stderr.once('data', () => {
      child.kill(signal);
      setTimeout(() => child.kill(signal), 100);
    });
    const { status, stdout, stderr } = await ended(child);
    expect(stderr).toContain('Interrupted: stopping.');
    expect(stderr).toContain('Still waiting until all processes of the script are gone.');
    expect(stderr).toContain('The script was stopped.');
    expect({ status, stdout }).toEqual({ status: 130, stdout: '' });
  },
);

test('a link named after the command is that command', async () => {
  const link = join(directory, 'addons:add');
  await symlink(bin, link);
  expect(execFileSync(process.execPath, [link, 'shop', 'redis']).toString()).toContain('Added redis to shop');
});

test('on a terminal: asks, shows what is typed, does it', async () => {
  const { status, screen } = await atTerminal(['delete', 'shop'], (text) =>
    text.includes('(shop) to go on: ') ? 'shop\r' : '',
  );
  expect(screen).toContain('destroys, with all data');
  expect(screen).toContain('Deleted what shop had: db.');
  expect(status).toBe(0);
});

test('on a terminal: Ctrl-C at the question leaves everything as it is', async () => {
  const { status, screen } = await atTerminal(['delete', 'shop'], (text) =>
    text.includes('to go on: ') ? '\u0003' : '',
  );
  expect(screen).toContain('nothing was changed');
  expect(status).toBe(130);
});

test('on a terminal a line passes while it works, and is erased', async () => {
  const { screen } = await atTerminal(['release', 'shop'], () => '');
  expect(screen).toMatch(/-----> Releasing shop/);
  expect(screen).toMatch(/\r\u001b\[K {7}[|/\\-]/);
  expect(screen.split('\r\u001b[K').at(-1)).toMatch(/^Released shop\./);
});

test('without a terminal nothing passes', async () => {
  const child = spawn(process.execPath, [bin, 'release', 'shop'], { stdio: ['ignore', 'pipe', 'pipe'] });
  expect(await ended(child)).toEqual({ status: 0, stdout: 'Released shop.\n', stderr: '-----> Releasing shop\n' });
});

async function ended(child: ChildProcess) {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, stdout, stderr };
}

/** util-linux `script` gives the process a terminal of its own. */
async function atTerminal(words: string[], answer: (screen: string) => string) {
  const command = [process.execPath, bin, ...words].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm', NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let screen = '';
  let answered = false;
  child.stdout.on('data', (chunk) => {
    screen += chunk;
    const text = answered ? '' : answer(screen);
    if (text) child.stdin.write(text);
    answered ||= text !== '';
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, screen };
}
