import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Io } from '../../../lib/cli/io.ts';
import { AddonsError } from '../../../lib/errors.ts';
import { testAddon } from '../../../lib/kit/test-addon.ts';
import { openPlatform } from '../../../lib/open-platform.ts';
import type { Addons } from '../../../lib/operations/results.ts';
import { collect } from '../../operations/world.ts';
import { expectValid } from '../fixtures/output-schema.ts';
import { type TypeOptions, type } from '../fixtures/type.ts';

// What is typed goes to a real platform in a home of its own.

let home: string;
let addons: Addons;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'typed-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  addons = openPlatform({ home });
});

const typed = (words: string[], options: TypeOptions = {}) => type(words, { addons, cwd: home, ...options });

/** The directory of a new add-on. */
async function made(name = 'vault', template = 'sh'): Promise<string> {
  expect((await typed(['new', name, '--template', template])).status).toBe(0);
  return join(home, name);
}

describe('new', () => {
  // All of it for the default. The others do the same in another language, which takes its time to start.
  test.each<[string, string[], number]>([
    ['sh', [], 30],
    ['node', ['unsafe-ids', 'own-directory', 'provision-again'], 3],
    ['python', ['unsafe-ids', 'own-directory', 'provision-again'], 3],
  ])('%s: what it makes keeps the contract', async (template, only, least) => {
    const root = await made('vault', template);
    const ends = await collect(testAddon(root, { only }));
    expect(ends.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    expect(ends.filter(({ outcome }) => outcome === 'passed').length).toBeGreaterThanOrEqual(least);
    expect(readdirSync(root).some((name) => name.startsWith('.'))).toBe(false);
    for (const name of ['addon.toml', 'README.md'])
      expect(readFileSync(join(root, name), 'utf8')).not.toContain('ADDON-NAME');
  });

  test('refuses what is there, and what is no name or template', async () => {
    const root = await made();
    writeFileSync(join(root, 'mine'), '');
    expect(await typed(['new', 'vault'])).toMatchObject({
      status: 4,
      stderr: expect.stringContaining('exists already'),
    });
    expect(existsSync(join(root, 'mine'))).toBe(true);
    expect((await typed(['new', '.vault'])).status).toBe(2);
    expect(await typed(['new', 'other', '--template', 'nod'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Did you mean "node"?'),
    });
    expect(readdirSync(home)).toEqual(['vault']);
  });

  test('the templates are listed; a dry run makes nothing', async () => {
    expect((await typed(['templates'])).stdout).toMatch(/^TEMPLATE +DESCRIPTION\nsh \(default\) /);
    const seen = await typed(['new', 'vault', '--dry-run', '--json']);
    expectValid(seen.json());
    expect(seen.json().result).toMatchObject({ addon: 'vault', outcome: 'planned' });
    expect(readdirSync(home)).toEqual([]);
    expectValid((await typed(['templates', '--json'])).json());
  });
});

describe('what is typed', () => {
  test('takes this directory where none is named, and the file where the command is typed', async () => {
    const root = await made();
    expect((await typed(['develop'], { cwd: root })).stdout).toContain(
      `Using vault from ${root}: apps get X_VAULT_URL.`,
    );
    expect((await typed(['list', '-a'])).stdout).toMatch(/^vault +0\.1\.0 +installed, developed/m);
    expect((await typed(['pack', '-o', 'p.addon'], { cwd: root })).stdout).toContain(
      `Packed vault 0.1.0: ${root}/p.addon`,
    );
    expect((await typed(['info', 'p.addon'], { cwd: root })).stdout).toMatch(/^Package: +.*p\.addon\nAdd-on: +vault\n/);
    await typed(['uninstall', 'vault']);
    const seen = await typed(['install', 'p.addon'], { cwd: root });
    expect(seen.stdout).toContain('Installed vault 0.1.0');
    writeFileSync(join(root, 'list'), `${readFileSync(join(root, 'list'), 'utf8')}\n`);
    expect((await typed(['install', '.', '--force'], { cwd: root })).stdout).toMatch(
      /^Updated vault 0\.1\.0 from .*, in place of 0\.1\.0\. /,
    );
  });

  test('is answered in JSON of the documented shape', async () => {
    const root = await made();
    mkdirSync(join(home, 'etc/add-ons.d'), { recursive: true });
    for (const words of [
      ['build', root],
      ['clean', root],
      ['clean', root, '--deps', '--dry-run'],
      ['pack', root, '--dry-run'],
      ['pack', root, '-o', join(home, 'etc/add-ons.d/vault.addon')],
      ['info', join(home, 'etc/add-ons.d/vault.addon')],
      ['develop', root, '--dry-run'],
      ['sync', '--dry-run'],
      ['sync'],
      ['info', 'vault'],
      ['config', 'vault'],
      ['repack', 'vault', '-o', 'again.addon'],
      ['uninstall', 'vault', '--clean'],
      ['develop', root],
      ['sync'],
      ['list', '-a'],
    ]) {
      const seen = await typed([...words, '--json']);
      expect(seen.status, words.join(' ')).toBe(0);
      expectValid(seen.json());
      expect(seen.json()).toHaveProperty('result');
    }
  });

  test('sync says by its exit status that one failed, and goes on', async () => {
    const root = await made();
    const provisioned = join(home, 'etc/add-ons.d');
    mkdirSync(provisioned, { recursive: true });
    expect((await typed(['sync'])).stderr).toContain(`There are no packages in ${provisioned}.`);
    writeFileSync(join(provisioned, 'a.addon'), 'x');
    await typed(['pack', root, '-o', join(provisioned, 'b.addon')]);
    const seen = await typed(['sync']);
    expect(seen).toMatchObject({ status: 1, stdout: expect.stringContaining('2 packages: 1 done, 1 failed') });
    const { result } = (await typed(['sync', '--json'])).json();
    expect(result).toMatchObject([{ error: { code: 'malformed' } }, { addon: 'vault', outcome: 'unchanged' }]);
  });
});

describe('run and shell', () => {
  test('see what the scripts see, in the directory of the add-on', async () => {
    const root = await made();
    mkdirSync(join(root, 'bin'));
    await typed(['develop', root]);
    const seen = await typed(['run', 'vault', '--', './list', '--json'], { env: { TERM: 'xterm', SECRET: 'x' } });
    expect(seen.ran).toMatchObject([{ program: './list', words: ['--json'], cwd: root }]);
    const { env = {}, path } = seen.ran[0] ?? {};
    expect(env).toMatchObject({ ADDON: 'vault', ADDON_ROOT: root, ADDON_CONFIG_GREETING: 'Hello', TERM: 'xterm' });
    expect([env.SECRET, path?.split(':')[0]]).toEqual([undefined, join(root, 'bin')]);
    const shell = await typed(['shell'], { cwd: join(root, 'bin'), env: { SHELL: '/bin/bash' } });
    expect(shell.ran).toMatchObject([{ program: '/bin/bash', words: ['--norc', '--noprofile'], cwd: root }]);
  });

  test('need an add-on, refuse --json, and run nothing in a dry run', async () => {
    await typed(['develop', await made()]);
    expect((await typed(['run', '--', 'ls'])).status).toBe(2);
    expect(await typed(['shell'])).toMatchObject({ status: 2, stderr: expect.stringContaining('none is developed') });
    expect((await typed(['run', '--json', 'vault', 'ls'])).status).toBe(2);
    const dry = await typed(['run', '--dry-run', 'vault', 'ls']);
    expect([dry.ran, dry.stdout.includes('- ADDON_CONFIG_GREETING\n')]).toEqual([[], true]);
    expect((await typed(['run', 'none', 'ls'])).status).toBe(3);
    expect(await typed(['run', 'vault', 'false'], { ended: 7 })).toMatchObject({ status: 7 });
  });
});

describe('config', () => {
  const edited = (text: string, ended: number = 0): Partial<Io> => ({
    foreground: async ({ words }) => {
      writeFileSync(words.at(-1) ?? '', text);
      return ended;
    },
  });

  test('tells each value and its file', async () => {
    await typed(['install', await made()]);
    const file = addons.platform.addonConfig('vault');
    writeFileSync(file, '[config]\ngreeting = "Hi"\n');
    const seen = await typed(['config', 'vault']);
    expect(seen.stdout).toContain('Profile: none\n');
    expect(seen.stdout).toMatch(new RegExp(`^greeting +Hi +${file}$`, 'm'));
    expect((await typed(['info', 'vault'])).stdout).toMatch(new RegExp(`^greeting +Hi +${file}$`, 'm'));
  });

  test('--edit puts in force what is sound, and loses nothing', async () => {
    await typed(['install', await made()]);
    const edit = (text: string, ended?: number) =>
      typed(['config', 'vault', '--edit'], { env: { EDITOR: 'ed -s', TMPDIR: home }, io: edited(text, ended) });
    expect((await edit('[config]\ngreeting = "Hi"\n')).stdout).toContain('Configured vault');
    expect((await addons.info('vault')).config).toEqual({ greeting: 'Hi' });
    expect((await edit('[config]\ngreeting = "Hi"\n')).stdout).toBe('Nothing was changed.\n');
    const wrong = await edit('[config]\ngreting = "Hi"\n');
    expect(wrong).toMatchObject({ status: 1, stderr: expect.stringContaining('Did you mean "greeting"?') });
    const kept = /kept in (\S+)\./.exec(wrong.stderr)?.[1] ?? '';
    expect(readFileSync(kept, 'utf8')).toBe('[config]\ngreting = "Hi"\n');
    expect((await edit('[config]\ngreeting = "No"\n', 1)).status).toBe(130);
    expect((await addons.info('vault')).config).toEqual({ greeting: 'Hi' });
    expect((await typed(['config', 'vault', '--edit', '--json'])).status).toBe(2);
    expect((await typed(['config', 'vault', '--edit', '--dry-run'])).stdout).toContain('Would configure vault');
  });
});

test('develop --watch tells of each change, and its end is no failure', async () => {
  const root = await made();
  const error = new AddonsError('malformed', 'addon.toml is wrong.', { hint: 'Mend it.' });
  const watching: Addons = {
    ...addons,
    async *watch() {
      yield { files: [], outcome: 'done' };
      yield { files: ['a', 'b', 'c', 'd'], outcome: 'done' };
      yield { files: ['addon.toml'], error };
    },
  };
  const seen = await typed(['develop', root, '--watch'], { addons: watching });
  expect(seen.stdout).toContain(`Watching ${root}. Stop with Ctrl-C.\nChanged: a, b, c and 1 more. It is sound.\n`);
  expect(seen).toMatchObject({ status: 0, stderr: expect.stringContaining('addon.toml is wrong.\n       Mend it.') });
  const { stdout } = await typed(['develop', root, '--watch', '--json'], { addons: watching });
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { addon: 'vault' },
    { files: [] },
    { outcome: 'done' },
    { error: { code: 'malformed' } },
  ]);
});
