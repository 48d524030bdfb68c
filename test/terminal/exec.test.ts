import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CLI } from '../examples/cli.ts';
import { needs } from '../require.ts';
import { addons, newHome } from './home.ts';
import { atTerminal, CTRL_C } from './terminal.ts';

const CTRL_Z = '\u001a';

let home: string;
beforeEach(async () => {
  home = await newHome();
  await writeFile(join(home, 'apps/shop/ENV'), "export X_DB_URL='sqlite:///a b'\nPORT=80\n");
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe('addons exec', () => {
  test("runs a command with the app's variables, without a shell, here", async () => {
    const here = join(home, 'here');
    await mkdir(here);
    const shown = spawnSync(
      process.execPath,
      [CLI, 'exec', 'shop', '--', 'sh', '-c', 'echo "$X_DB_URL|$MINE|$PWD|$1"', 'sh', '$PORT;*'],
      {
        cwd: here,
        env: { PATH: process.env.PATH, ADDONS_HOME: home, MINE: 'mine' },
        encoding: 'utf8',
      },
    );
    expect(shown).toMatchObject({ status: 0, stdout: `sqlite:///a b|mine|${here}|$PORT;*\n`, stderr: '' });
  });

  test('hands stdin, stdout and stderr on as they are', () => {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [CLI, 'exec', 'shop', 'sh', '-c', 'cat; echo no >&2'],
      {
        env: { PATH: process.env.PATH, ADDONS_HOME: home },
        input: Buffer.from([0, 255, 10]),
      },
    );
    expect([...stdout]).toEqual([0, 255, 10]);
    expect({ stderr: stderr.toString(), status }).toEqual({ stderr: 'no\n', status: 0 });
  });

  test('ends as the command ended', async () => {
    expect(addons(home, 'exec', 'shop', 'sh', '-c', 'exit 7')).toMatchObject({ status: 7, stderr: '' });
    expect(addons(home, 'exec', 'shop', 'sh', '-c', 'kill -9 $$').status).toBe(137);
    expect(addons(home, 'exec', 'shop', 'nosuch-program')).toMatchObject({
      status: 127,
      stderr: expect.stringContaining('There is no command "nosuch-program".'),
    });
    expect(addons(home, 'exec', 'shop', '/etc/passwd')).toMatchObject({
      status: 126,
      stderr: expect.stringContaining('not executable'),
    });
    expect(addons(home, 'exec', 'shop', '/etc/passwd/x').status).toBe(126);
    expect(addons(home, 'exec', 'shop', '/etc').status).toBe(126);
  });

  test("looks for the command in the caller's PATH, whatever the app's says", async () => {
    await mkdir(join(home, 'bin'));
    await writeFile(join(home, 'bin/own'), '#!/bin/sh\necho own\n');
    await chmod(join(home, 'bin/own'), 0o755);
    await writeFile(join(home, 'apps/shop/ENV'), `PATH=${join(home, 'bin')}\n`);
    expect(addons(home, 'exec', 'shop', 'own')).toMatchObject({ status: 127, stdout: '' });
    await writeFile(join(home, 'bin/id'), '#!/bin/sh\necho own\n', { mode: 0o755 });
    expect(addons(home, 'exec', 'shop', 'id', '-u').stdout).toBe(`${process.getuid?.()}\n`);
    expect(addons(home, 'exec', 'shop', join(home, 'bin/own')).stdout).toBe('own\n');
    // What the command itself starts is the app's business.
    expect(addons(home, 'exec', 'shop', 'sh', '-c', 'own').stdout).toBe('own\n');
  });
});

/** Counts the signals it gets, one a line; ends by itself at the file `end`. */
const COUNTER = `
for s in INT TERM HUP USR2; do trap "echo $s" $s; done
echo ready
while [ ! -e "$1" ]; do sleep 0.02; done
exit 42`;

describe('signals', () => {
  const counting = () => ['exec', 'shop', '--', 'bash', '-c', COUNTER, 'bash', join(home, 'end')];

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const)(
    '%s to addons alone gets to the command',
    async (signal) => {
      const child = spawn(process.execPath, [CLI, ...counting()], {
        env: { PATH: process.env.PATH, ADDONS_HOME: home },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const seen = watch(child);
      await seen.shows('ready');
      child.kill(signal);
      await seen.shows(signal.slice(3));
      await writeFile(join(home, 'end'), '');
      expect(await seen.ended).toBe(42);
      expect(
        seen
          .text()
          .split('\n')
          .filter((line) => line === signal.slice(3)),
      ).toHaveLength(1);
      expect(seen.text()).not.toContain('Interrupted');
    },
  );

  test('a command that a signal ends: 128 and its number', async () => {
    const child = spawn(process.execPath, [CLI, 'exec', 'shop', 'sh', '-c', 'echo ready; exec sleep 300'], {
      env: { PATH: process.env.PATH, ADDONS_HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const seen = watch(child);
    await seen.shows('ready');
    child.kill('SIGTERM');
    expect(await seen.ended).toBe(143);
  });

  test.skipIf(!needs('script'))('Ctrl-C gets to the command once, and addons waits for it', async () => {
    const terminal = atTerminal(home, ['exec', 'shop', 'bash', '-c', quotable(COUNTER), 'bash', join(home, 'end')]);
    await terminal.shows('ready');
    terminal.type(CTRL_C);
    await terminal.shows(/INT/);
    await writeFile(join(home, 'end'), '');
    expect(await terminal.ended).toBe(42);
    expect(terminal.screen().match(/INT/g)).toHaveLength(1);
    expect(terminal.screen()).not.toContain('Interrupted');
  });

  test.skipIf(!needs('script'))('Ctrl-C ends a command that does not care about it: 130', async () => {
    const terminal = atTerminal(home, ['exec', 'shop', 'sh', '-c', 'echo ready; exec sleep 300']);
    await terminal.shows('ready');
    terminal.type(CTRL_C);
    expect(await terminal.ended).toBe(130);
  });

  test.skipIf(!needs('script'))('Ctrl-Z stops the command, fg goes on with it', async () => {
    const words = [
      process.execPath,
      CLI,
      'exec',
      'shop',
      'sh',
      '-c',
      `echo ready; while [ ! -e ${home}/end ]; do sleep 0.02; done; echo went on`,
    ];
    const child = spawn('script', ['-qec', 'bash --norc --noprofile -i', '/dev/null'], {
      env: { PATH: process.env.PATH, HOME: home, TERM: 'dumb', ADDONS_HOME: home, PS1: '> ' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const seen = watch(child);
    child.stdin.write(`${words.map((word) => `'${word}'`).join(' ')}\n`);
    await seen.shows(/^ready/m);
    child.stdin.write(CTRL_Z);
    await seen.shows('Stopped');
    await writeFile(join(home, 'end'), '');
    child.stdin.write('fg\n');
    await seen.shows(/^went on/m);
    child.stdin.end('exit\n');
    await seen.ended;
  });
});

/** `atTerminal` puts each word between single quotes. */
const quotable = (script: string): string => {
  const file = join(home, 'counter');
  writeFileSync(file, script);
  return `. ${file}`;
};

function watch(child: ChildProcess) {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk) => {
      text += chunk.replaceAll('\r', '');
    });
  }
  return {
    text: () => text,
    shows: (what: string | RegExp) => expect.poll(() => text, { timeout: 60_000, interval: 20 }).toMatch(what),
    ended: new Promise<number | null>((resolve) => child.once('close', resolve)),
  };
}
