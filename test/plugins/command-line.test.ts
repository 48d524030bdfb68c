import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { expectValid } from '../cli/fixtures/output-schema.ts';
import { CLI } from '../examples/cli.ts';
import { needs } from '../require.ts';
import { install, newHome } from '../terminal/home.ts';
import { atTerminal } from '../terminal/terminal.ts';
import { writePlugin } from './plugin-files.ts';

// The built command, with real plugins.

let home: string;
beforeEach(async () => {
  home = await newHome();
  await install(home, 'vault', { provision: 'echo "$1-1;hunter2"', url: 'echo x://h' });
});
afterEach(() => rm(home, { recursive: true, force: true }));

function addons(words: string[], input = '', env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], {
    env: { PATH: `${join(home, 'bin')}:/usr/bin:/bin`, ADDONS_HOME: home, HOME: home, ...env },
    input,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function program(name: string, body: string) {
  mkdirSync(join(home, 'bin'), { recursive: true });
  writeFileSync(join(home, 'bin', name), body.startsWith('#!') ? body : `#!/bin/sh\n${body}\n`);
  chmodSync(join(home, 'bin', name), 0o755);
}

const plugin = (name: string, files: Record<string, string>) => writePlugin(join(home, 'etc/plugins', name), files);

describe('a command of others', () => {
  test('has stdin, stdout and stderr, and its exit status is that of addons', () => {
    program('addons-upper', 'tr a-z A-Z; echo "$# words" >&2; exit 42');
    expect(addons(['upper', 'a', 'b c'], 'hello\n')).toEqual({ status: 42, stdout: 'HELLO\n', stderr: '2 words\n' });
  });

  test('that a signal ends gives 128 and its number', () => {
    program('addons-die', 'kill -9 $$');
    expect(addons(['die'])).toMatchObject({ status: 137 });
  });

  test('may be in Python and in Node, and call addons for the same platform', () => {
    if (needs('python3')) {
      program('addons-py', '#!/usr/bin/env python3\nimport os, sys\nprint(sys.argv[1:], os.environ["X_APP_NAME"])\n');
      expect(addons(['py', '--app', 'shop', '-x']).stdout).toBe("['-x'] shop\n");
    }
    program(
      'addons-js',
      `#!${process.execPath}
const { execFileSync } = require('node:child_process');
const out = execFileSync(process.execPath, ['${CLI}', 'list', '--json'], { encoding: 'utf8' });
console.log(JSON.parse(out).result.apps.map(({ app }) => app).join());\n`,
    );
    expect(addons(['js']).stdout).toBe('shop\n');
    expect(addons(['--home', home, 'js'], '', { ADDONS_HOME: '/nowhere' }).stdout).toBe('shop\n');
  });

  test('that cannot be run is told of', () => {
    program('addons-lost', '#!/no/such/interpreter\n');
    expect(addons(['lost'])).toMatchObject({ status: 127, stdout: '', stderr: expect.stringContaining('addons-lost') });
  });

  test('of a plugin directory may source the functions', () => {
    plugin('hello', {
      'subcommands/default': 'set -e; . "$ADDONS_FUNCTIONS"; app=$(addons_app "$1"); echo "Hello $app"',
      commands: '. "$ADDONS_FUNCTIONS"; [ "$1" = greet ] || addons_not_mine; shift; echo "greeting $*"',
    });
    expect(addons(['hello', 'shop']).stdout).toBe('Hello shop\n');
    expect(addons(['hello', '--app', 'blog']).stdout).toBe('Hello blog\n');
    expect(addons(['hello'])).toMatchObject({ status: 1, stderr: 'default: Name an app, or set X_APP_NAME.\n' });
    expect(addons(['greet', 'a', 'b'])).toEqual({ status: 0, stdout: 'greeting a b\n', stderr: '' });
    expect(addons(['greeet'])).toMatchObject({ status: 127 });
  });
});

describe('a trigger', () => {
  test('that refuses ends the command with 4, and nothing was changed', () => {
    plugin('policy', { 'pre-enable': 'echo "ask Ann first" >&2; exit 1' });
    expect(addons(['enable', 'vault'])).toMatchObject({
      status: 4,
      stderr: expect.stringMatching(/enable vault was refused: .*: ask Ann first\n/),
    });
    const { status, stdout } = addons(['enable', 'vault', '--json']);
    expect([status, JSON.parse(stdout).error.code]).toEqual([4, 'trigger-refused']);
    expectValid(JSON.parse(stdout));
  });

  test('that fails afterwards ends it with 1, and what was done is told all the same', () => {
    addons(['enable', 'vault']);
    plugin('mail', { 'post-add': 'echo "no server" >&2; exit 1' });
    const seen = addons(['add', 'shop', 'vault']);
    expect(seen).toMatchObject({ status: 1, stdout: 'Added vault to shop: the next release sets X_VAULT_URL.\n' });
    expect(seen.stderr).toContain(
      ' !     post-add of the plugin mail failed: it ended with exit status 1: no server\n',
    );
    addons(['remove', 'shop', 'vault', '--force']);
    const { status, stdout, stderr } = addons(['add', 'shop', 'vault', '--json', '--quiet']);
    const document = JSON.parse(stdout);
    expectValid(document);
    expect([status, stderr]).toEqual([1, '']);
    expect(document).toMatchObject({ result: [{ outcome: 'done', id: 'shop-1' }], error: { code: 'trigger-failed' } });
  });
});

test('the processor log frames each execution on stderr, also with --quiet and beside --json', () => {
  mkdirSync(join(home, 'etc'), { recursive: true });
  writeFileSync(join(home, 'etc/addons.toml'), '[processors.log]\n');
  const { stdout, stderr } = addons(['enable', 'vault', '--json', '--quiet']);
  expect(JSON.parse(stdout).result).toMatchObject([{ outcome: 'done' }]);
  expect(stderr).toMatch(/^=====> begin (\S+): enable of vault\n=====> end \1: exit 0 after \d+\.\d s\n$/);
});

describe.skipIf(!needs('script'))('X_TRACE', () => {
  test('is as good as --trace, for scripts and triggers', async () => {
    await install(home, 'vault', { enable: '[ -z "$X_TRACE" ] || set -x; : "script-$((6 * 7))"' });
    plugin('witness', { 'pre-enable': '[ -z "$X_TRACE" ] || set -x; : "trigger-$((6 * 7))"' });
    const terminal = atTerminal(home, ['enable', 'vault'], { X_TRACE: '1' });
    expect(await terminal.ended).toBe(0);
    expect(terminal.screen()).toContain("X_TRACE: the scripts' commands are shown below, with the secrets in them");
    expect(terminal.screen()).toContain('+ : script-42');
    expect(terminal.screen()).toContain('+ : trigger-42');
  });

  test('without a terminal is no reason for a word', () => {
    expect(addons(['enable', 'vault', '--quiet'], '', { X_TRACE: '1' })).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});
