import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describePlatform } from '../../lib/platform.ts';
import { writePlugin } from '../plugins/plugin-files.ts';
import { expectValid } from './fixtures/output-schema.ts';
import { type TypeOptions, type } from './fixtures/type.ts';

// Commands of others: programs addons-NAME in PATH, and plugin directories.

let home: string;
let bin: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'foreign-'));
  bin = join(home, 'bin');
  mkdirSync(bin);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function program(name: string, body = '', directory = bin): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, name);
  writeFileSync(path, body.startsWith('#!') ? body : `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

const plugin = (name: string, files: Record<string, string>) => writePlugin(join(home, 'etc/plugins', name), files);

const typed = (words: string[], { env, ...options }: TypeOptions = {}) =>
  type(words, {
    ...options,
    addons: { platform: describePlatform({ home }) },
    cwd: home,
    env: { ADDONS_HOME: home, HOME: home, PATH: `${bin}:/usr/bin:/bin`, ...env },
  });

/** What the one program that took over was called with. */
async function ran(words: string[], options: TypeOptions = {}) {
  const seen = await typed(words, options);
  const [command] = seen.ran;
  return { ...seen, program: command?.program, words: command?.words, env: command?.env ?? {} };
}

describe('a program addons-NAME in PATH', () => {
  test('is the command NAME, and its exit status that of addons', async () => {
    const path = program('addons-watch-status');
    expect(await ran(['watch-status'], { ended: 143 })).toMatchObject({
      program: path,
      words: [],
      status: 143,
      stderr: '',
    });
  });

  test('gets its words as they are, but for --app, up to a --', async () => {
    program('addons-watch');
    const words = ['-n30', '--app', 'shop', '--json', '--home', 'x', '', "it's *", '--', '--app', 'other'];
    const seen = await ran(['watch', ...words]);
    expect(seen.words).toEqual(['-n30', '--json', '--home', 'x', '', "it's *", '--', '--app', 'other']);
    expect(seen.env.X_APP_NAME).toBe('shop');
    expect((await ran(['watch', '--app=blog', '--apple'])).env.X_APP_NAME).toBe('blog');
    expect(await ran(['watch', '--app', '../etc'])).toMatchObject({ status: 2, program: undefined });
    expect(await ran(['watch', '--app'])).toMatchObject({ status: 2, program: undefined });
  });

  test('finds the app in the flag, else in the variable, else as it was chosen with use', async () => {
    program('addons-watch');
    const config = join(home, '.config/addons');
    mkdirSync(config, { recursive: true });
    writeFileSync(join(config, 'used-apps.json'), JSON.stringify({ [join(home, 'apps')]: 'used' }));
    const app = async (words: string[], env = {}) => (await ran(words, { env })).env.X_APP_NAME;
    expect(await app(['watch'])).toBe('used');
    expect(await app(['watch'], { X_APP_NAME: 'variable' })).toBe('variable');
    expect(await app(['watch', '--app', 'flag'], { X_APP_NAME: 'variable' })).toBe('flag');
    expect(await app(['--app', 'before', 'watch'], { X_APP_NAME: 'variable' })).toBe('before');
    expect(await app(['--platform', 'acme', 'watch'])).toBeUndefined();
    for (const option of ['--help', '--description'])
      expect(await app(['watch', option], { X_APP_NAME: 'v' })).toBe('');
  });

  test('has the environment of the caller, and is led to the platform that was named', async () => {
    program('addons-watch');
    const plain = (await ran(['watch'], { env: { SECRET: 's' } })).env;
    expect(plain).toMatchObject({ SECRET: 's', ADDONS_HOME: home });
    expect(plain).not.toHaveProperty('X_LIB_ROOT');
    expect((await ran(['--home', '/srv/a', 'watch'])).env).toMatchObject({
      X_ROOT: '/srv/a/apps',
      X_LIB_ROOT: '/srv/a/lib',
    });
    expect((await ran(['--trace', 'watch'])).env).toMatchObject({ X_TRACE: '1' });
  });

  test('takes no option of ours that would be lost', async () => {
    program('addons-watch');
    const seen = await ran(['--dry-run', 'watch']);
    expect(seen).toMatchObject({ status: 2, program: undefined });
    expect(seen.stderr).toContain('Options that stand before watch are not for it: --dry-run');
  });

  test('never replaces what is built in: that is told', async () => {
    const path = program('addons-list');
    const seen = await ran(['list']);
    expect(seen).toMatchObject({ status: 0, program: undefined });
    expect(seen.stderr).toContain(` !     ${path} is not run: list is a built-in command.\n`);
    program('addons-complete');
    expect((await ran(['complete', '--', 'l'])).stderr).toBe('');
  });

  test('stands before an app of its name', async () => {
    const path = program('addons-shop');
    expect(await ran(['shop'])).toMatchObject({ program: path });
  });

  test.each([
    ['a directory', (path: string) => mkdirSync(path)],
    ['a broken link', (path: string) => symlinkSync('/no/such', path)],
    ['not executable', (path: string) => writeFileSync(path, '#!/bin/sh\n')],
  ])('is passed over where it is %s', async (_, make) => {
    make(join(bin, 'addons-watch'));
    expect(await ran(['watch'])).toMatchObject({ status: 127, program: undefined });
    const later = program('addons-watch', '', join(home, 'later'));
    const env = { PATH: `/no/such:${bin}:${join(home, 'later')}` };
    expect(await ran(['watch'], { env })).toMatchObject({ program: later });
  });

  test('may be a link to one, and the first in PATH counts', async () => {
    const first = join(bin, 'addons-watch');
    symlinkSync(program('elsewhere', '', join(home, 'other')), first);
    program('addons-watch', '', join(home, 'later'));
    expect(await ran(['watch'], { env: { PATH: `${bin}:${join(home, 'later')}` } })).toMatchObject({ program: first });
  });

  test('that is none has its nearest name told, exit 127', async () => {
    program('addons-watch-status');
    const seen = await typed(['watch-statsu']);
    expect(seen).toMatchObject({ status: 127, stdout: '' });
    expect(seen.stderr).toContain('Did you mean "watch-status"?');
    for (const word of ['processor-x', '../x', 'a/b', '']) {
      program('addons-processor-x');
      expect((await typed([word])).ran).toEqual([]);
    }
  });
});

describe('a plugin directory', () => {
  test('has a command, and more behind a colon', async () => {
    const root = plugin('hello', { 'subcommands/default': '', 'subcommands/world': '' });
    program('addons-hello');
    expect(await ran(['hello', 'a', '--b'])).toMatchObject({
      program: join(root, 'subcommands/default'),
      words: ['a', '--b'],
    });
    const seen = await ran(['hello:world', '--app', 'shop', 'x']);
    expect(seen).toMatchObject({ program: join(root, 'subcommands/world'), words: ['x'], stderr: '' });
    expect(seen.env).toMatchObject({
      ...{ X_APP_NAME: 'shop', PLUGIN: 'hello', PLUGIN_ROOT: root, X_NOT_IMPLEMENTED_EXIT: '10', ADDONS_PLATFORM: 'x' },
      ADDONS_FUNCTIONS: '/nonexistent/paas-addons/addons/functions.sh',
    });
    expect(await ran(['addons:hello:world'])).toMatchObject({ program: join(root, 'subcommands/world') });
  });

  test('without the subcommand leaves it to its commands, which may say that it is none of its own', async () => {
    const root = plugin('hello', { 'subcommands/world': '', commands: '' });
    expect(await ran(['hello:moon', 'x'], { ended: 3 })).toMatchObject({
      ...{ program: join(root, 'commands'), words: ['hello:moon', 'x'], status: 3 },
    });
    const seen = await ran(['hello:wrold'], { ended: 10 });
    expect(seen.status).toBe(127);
    expect(seen.stderr).toContain('The plugin hello has no command hello:wrold. Did you mean "world"?');
    expect(seen.stderr).toContain('It has: hello:world.');
    expect((await ran(['hello:../../x'], { ended: 10 })).status).toBe(127);
  });

  test('is asked for words that nobody else knows, one after the other', async () => {
    const roots = ['a', 'b'].map((name) => plugin(name, { commands: '' }));
    const seen = await typed(['foo', 'bar', '--app', 'shop'], { ended: 10 });
    expect(seen.ran.map(({ program, words, env }) => [program, words, env.X_APP_NAME])).toEqual(
      roots.map((root) => [join(root, 'commands'), ['foo', 'bar'], 'shop']),
    );
    expect(seen.status).toBe(127);
    expect((await typed(['foo'], { ended: 0 })).ran).toHaveLength(1);
    expect((await typed(['shop'], { ended: 10 })).ran).toEqual([]); // an app
    expect((await typed(['list'], { ended: 10 })).ran).toEqual([]);
  });

  test('that is broken, or that others may write to, is not run', async () => {
    const root = plugin('hello', { 'subcommands/default': '', commands: '' });
    chmodSync(join(root, 'subcommands/default'), 0o757);
    expect(await ran(['hello'])).toMatchObject({
      status: 1,
      program: undefined,
      stderr: expect.stringContaining('others may write to'),
    });
    writeFileSync(join(root, 'plugin.toml'), 'x = ');
    expect(await ran(['hello'])).toMatchObject({
      status: 1,
      program: undefined,
      stderr: expect.stringContaining('plugin.toml'),
    });
    expect(await ran(['foo'], { ended: 0 })).toMatchObject({ status: 127, program: undefined });
  });
});

describe('help', () => {
  test('of a program is its own, without an app', async () => {
    const path = program('addons-watch');
    expect(await ran(['help', 'watch'], { env: { X_APP_NAME: 'shop' } })).toMatchObject({
      ...{ program: path, words: ['--help'], status: 0 },
      env: { X_APP_NAME: '' },
    });
    const seen = await typed(['help', 'watch', '--json']);
    expect(seen).toMatchObject({ status: 2, ran: [] });
    expect(seen.json().error?.code).toBe('usage');
  });

  test('of a plugin directory is that of its commands, else of its command', async () => {
    const root = plugin('hello', { 'subcommands/default': '', commands: '' });
    expect(await ran(['help', 'hello'])).toMatchObject({ program: join(root, 'commands'), words: ['hello:help'] });
    const seen = await typed(['help', 'hello'], { ended: 10 });
    expect(seen.ran.map(({ words }) => words)).toEqual([['hello:help'], ['--help']]);
    expect((await typed(['help', 'hellow'])).stderr).toContain('Did you mean "hello"?');
  });

  test('plugins says how they are found, and lists them with their descriptions', async () => {
    expect((await typed(['help', 'plugins'])).stdout).toMatch(/PATH(.|\n)*\n\nNo plugins found\.\n$/);
    program('addons-b', 'echo "[$X_APP_NAME] second line is not told"; echo no >&2; echo more');
    program('addons-a', 'echo "$1"');
    program('addons-a', 'echo shadowed', join(home, 'later'));
    program('addons-bad', 'echo nothing; exit 4');
    program('addons-mute', 'exit 0');
    program('addons-list', 'echo mine');
    program('addons-lost', '#!/no/such/interpreter\n');
    program('addons-processor-x', 'echo no command');
    plugin('hello', {});
    plugin('odd', { 'plugin.toml': '' });
    const env = { PATH: `${bin}:${join(home, 'later')}:/usr/bin:/bin`, X_APP_NAME: 'shop' };
    const { stdout, status } = await typed(['help', 'plugins'], { env });
    expect(status).toBe(0);
    const rows =
      stdout
        .split('\n\n')
        .at(-1)
        ?.trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.split(/ {2,}/)) ?? [];
    expect(rows.map(([name]) => name)).toEqual(['a', 'b', 'bad', 'list', 'lost', 'mute', 'hello', 'odd']);
    const cell = (name: string) => rows.find(([one]) => one === name)?.[2];
    expect(['a', 'b', 'bad', 'list', 'mute', 'hello'].map(cell)).toEqual([
      ...['--description', '[] second line is not told', '(ended with exit status 4)'],
      ...['mine (not run: that is a built-in command)', '(said nothing)', 'A plugin'],
    ]);
    expect(cell('lost')).toMatch(/ended with exit status 12[67]/);
    expect(cell('odd')).toMatch(/The plugin odd is not run/);
    const seen = await typed(['help', 'plugins', '--json'], { env });
    expectValid(seen.json());
  });

  test('plugins asks all at once, and waits for none too long', async () => {
    const meet = ['a', 'b', 'c', 'd'].map((name) => `${home}/met-${name}`);
    for (const name of ['a', 'b', 'c', 'd']) {
      program(
        `addons-${name}`,
        `: >${home}/met-${name}; for file in ${meet.join(' ')}; do while ! [ -e $file ]; do sleep 0.05; done; done; echo met`,
      );
    }
    program('addons-flood', 'exec yes');
    program('addons-hung', 'echo x; sleep 600');
    const { stdout } = await typed(['help', 'plugins']);
    expect(stdout.match(/ {2}met {2}/g)).toHaveLength(4);
    expect(stdout).toMatch(/^flood .*(answered without end|gave no answer)/m);
    expect(stdout).toMatch(/^hung .*\(gave no answer within 5 s\)/m);
  });

  test('as overview holds what the commands of plugins tell, aligned on the comma', async () => {
    const plain = (await typed(['help'])).stdout;
    plugin('hello', {
      commands:
        'case $1 in help) echo "    hello:world, Says Hello, world"; echo "hello <app>, Says Hello" ;; *) exit 10 ;; esac',
    });
    plugin('silent', { commands: 'exit 10' });
    plugin('bad', { commands: 'echo "bad, worse"; exit 1' });
    const { stdout } = await typed(['help']);
    const added = stdout.split('\n').filter((line) => !plain.split('\n').includes(line));
    expect(added).toEqual([
      'Plugins:',
      '  hello <app>                  Says Hello',
      '  hello:world                  Says Hello, world',
    ]);
  });
});

test('completion offers plugins, too', async () => {
  program('addons-watch');
  plugin('hello', {});
  const { stdout } = await typed(['complete', '--', '']);
  expect(stdout).toContain('\nhello\tA plugin\n');
  expect(stdout).toContain('\nwatch\tplugin\n');
});
