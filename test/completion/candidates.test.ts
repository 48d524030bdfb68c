import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../lib/cli/commands.ts';
import { candidatesFor } from '../../lib/cli/completion/candidates.ts';
import { positionOf } from '../../lib/cli/completion/position.ts';
import type { Addons } from '../../lib/operations/results.ts';
import { fakeAddons } from '../cli/fixtures/fake-addons.ts';
import { type } from '../cli/fixtures/type.ts';
import { platform } from '../operations/world.ts';

interface Options {
  used?: string;
  addons?: Partial<Addons>;
}

/** What is offered for the last word: words, and `:files` and its like. `blog` has nothing, `shop` has db. */
async function offered(line: string, { used, addons }: Options = {}): Promise<string[]> {
  const source = async () => ({ addons: fakeAddons([], addons), used });
  const { words, also } = await candidatesFor(positionOf(line.split(' ')), source);
  return [...words.map(({ word }) => word), ...(also ? [`:${also}`] : [])];
}

const ITEM = { operation: 'o1', id: 'shop-1', since: '', until: '', expired: false, env: [], kept: false };
const TRASH = {
  trash: async () => [
    { ...ITEM, app: 'shop', addon: 'redis' },
    { ...ITEM, app: 'blog', addon: 'db' },
  ],
};

describe('what is offered', () => {
  test('first: commands and apps, no hidden one', async () => {
    const words = await offered('');
    expect(words).toEqual([...COMMANDS.map(({ name }) => name), 'blog', 'shop']);
    expect(words).not.toContain('complete');
  });

  test('commands, even where no app can be read', async () => {
    const { words } = await candidatesFor(positionOf(['']), () => Promise.reject(new Error('no platform')));
    expect(words).toHaveLength(COMMANDS.length);
  });

  test.each<[string, string[]]>([
    ['add ', ['blog', 'shop']],
    ['add shop ', ['redis']],
    ['add blog ', ['db', 'redis']],
    ['add blog db ', ['redis']],
    ['add --app shop ', ['redis']],
    ['add --app=shop ', ['redis']],
    ['add --home /srv --wait 3 shop ', ['redis']],
    ['adopt shop ', ['redis']],
    ['adopt shop redis ', []],
    ['remove shop ', ['db']],
    ['remove blog ', []],
    ['rotate shop ', ['db']],
    ['url shop ', ['db']],
    ['dump shop ', ['db']],
    ['undo shop ', ['redis']],
    ['enable ', ['redis']],
    ['disable ', ['db']],
    ['info ', ['db', 'redis']],
    ['release ', ['blog', 'shop']],
    ['release shop ', ['blog']],
    ['clone shop ', ['blog']],
    ['rename shop ', []],
    ['use ', ['blog', 'shop']],
    ['unlock ', ['01HZX3']],
    ['log ', ['blog', 'shop']],
    ['plan ', [':files']],
    ['restore shop db ', [':files']],
    ['link ', [':directories']],
    ['install ', ['db', 'redis', ':files']],
    ['install db --as ', []],
    ['uninstall ', []],
    ['test ', ['db', 'redis', ':directories']],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['help ', COMMANDS.map(({ name }) => name)],
    ['check ', []],
    ['nosuch ', []],
    ['list shop ', []],
  ])('addons %s', async (line, expected) => {
    expect(await offered(line, { addons: TRASH })).toEqual(expected);
  });

  test.each<[string, string[]]>([
    ['list --app ', ['blog', 'shop']],
    ['list --app=', ['--app=blog', '--app=shop']],
    ['--app ', []],
    ['list --home ', [':directories']],
    ['env shop --format ', ['dotenv', 'docker', 'json', 'shell']],
    ['env shop --format=j', ['--format=dotenv', '--format=docker', '--format=json', '--format=shell']],
    ['dump shop db -o ', [':files']],
    ['dump shop db --output=', [':files']],
    ['delete shop --confirm ', ['shop']],
    ['list --wait ', []],
    ['list --json=', []],
  ])('values: addons %s', async (line, expected) => {
    expect(await offered(line)).toEqual(expected);
  });

  test('for uninstall what is disabled', async () => {
    const known = [{ name: 'queue', installed: true, enabled: false, shipped: false, apps: [] }];
    const addons = { addons: async () => [...(await fakeAddons([]).addons()), ...known] };
    expect(await offered('uninstall ', { addons })).toEqual(['queue']);
    expect(await offered('install ', { addons })).toEqual(['db', 'redis', ':files']);
  });

  test('options that are not there yet; none behind --', async () => {
    const options = await offered('remove shop --force -');
    expect(options).toContain('--all');
    expect(options).toContain('--json');
    expect(options).not.toContain('--force');
    expect(options).not.toContain('-h');
    expect(await offered('remove shop -- -')).toEqual(['db']);
  });

  test.each<[string, string[]]>([
    ['exec ', ['blog', 'shop']],
    ['exec shop ', [':programs']],
    ['exec shop -', [':programs']],
    ['exec shop ls -', [':files']],
    ['exec shop -- ', [':programs']],
    ['exec shop -- ls ', [':files']],
    ['exec -- ', [':programs']],
    ['exec --app shop ', [':programs']],
    ['exec --app shop ls ', [':files']],
  ])("somebody else's command line: addons %s", async (line, expected) => {
    expect(await offered(line)).toEqual(expected);
  });

  test.each<[string, string[]]>([
    ['add ', ['blog', 'shop', 'redis']],
    ['remove d', ['blog', 'shop', 'db']],
    ['add redis ', []],
    ['add blog ', ['db', 'redis']],
    ['exec ', ['blog', 'shop', ':programs']],
    ['list ', ['blog', 'shop']],
    ['release ', ['blog', 'shop']],
    ['restore db ', [':files']],
  ])('with shop in use: addons %s', async (line, expected) => {
    expect(await offered(line, { used: 'shop' })).toEqual(expected);
  });

  test('for resolve: the operations that need a person', async () => {
    const world = platform();
    world.app('shop');
    await world.enable('vault', { provision: '#!/bin/sh\necho one; echo two\n' });
    await world.addons.add('shop', 'vault').catch(() => {});
    const [operation] = world.journal();
    const source = async () => ({ addons: world.addons, used: undefined });
    const { words } = await candidatesFor(positionOf(['resolve', '']), source);
    expect(words).toEqual([{ word: operation, description: 'add vault shop' }]);
  });
});

describe('addons complete', () => {
  const complete = (...words: string[]) => type(['complete', '--', ...words]);

  test('a line for each word, its description behind a tab', async () => {
    expect(await complete('add', 'blog', '')).toMatchObject({
      status: 0,
      stdout: 'db\tAn SQLite file\nredis\tadd-on\n',
    });
    expect((await complete('plan', '')).stdout).toBe(':files\n');
  });

  test('a description is one line and steers no terminal', async () => {
    const odd = {
      name: 'odd',
      installed: true,
      enabled: true,
      shipped: false,
      apps: [],
      description: 'a\n:files\t\u001b[31m',
    };
    const { stdout } = await type(['complete', '--', 'info', ''], { addons: { addons: async () => [odd] } });
    expect(stdout).toBe('odd\ta\\x0a:files\\x09\\x1b[31m\n');
  });

  test('asks the platform that the words name', async () => {
    expect((await complete('--home', '/srv/a', 'add', '')).opened).toMatchObject([{ home: '/srv/a' }]);
    expect((await complete('--home', '/srv/a', 'list', '--')).opened).toEqual([]);
  });

  test('what is wrong with the platform is silence', async () => {
    const failing = { apps: () => Promise.reject(new Error('no')) };
    expect(await type(['complete', '--', 'add', ''], { addons: failing })).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '',
    });
    const { home } = platform();
    mkdirSync(join(home, 'etc'));
    writeFileSync(join(home, 'etc/addons.toml'), 'wait = ');
    expect(await complete('--home', home, 'add', '')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    symlinkSync('nowhere', join(home, 'apps'));
    expect(await complete('--platform', '../x', 'add', '')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  test('whatever stands there: an answer or silence, never an error', async () => {
    const known = ['add', 'exec', 'shop', '--', '--app', '--home', '-', '--format=', 'complete', 'help', ''];
    const word = fc.oneof(fc.constantFrom(...known), fc.string({ maxLength: 6 }));
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (words) => {
        expect(await complete(...words)).toMatchObject({ status: 0, stderr: '', calls: [] });
      }),
      { numRuns: 300 },
    );
  });
});

describe('addons completion', () => {
  test.each(['bash', 'zsh', 'fish'])('%s: the script, for addons and addons:add', async (shell) => {
    const { status, stdout } = await type(['completion', shell]);
    expect(status).toBe(0);
    expect(stdout).toContain('addons:pre-release');
    expect((await type(['completion'], { env: { SHELL: `/usr/local/bin/${shell}` } })).stdout).toBe(stdout);
    expect((await type(['completion', shell, '--json'])).json().result).toEqual({ shell, script: stdout });
  });

  test('a shell that it does not know', async () => {
    expect(await type(['completion', 'bsh'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Did you mean "bash"?'),
    });
    for (const SHELL of [undefined, '', '/bin/dash']) {
      const { status, stderr } = await type(['completion'], { env: { SHELL } });
      expect(status).toBe(2);
      expect(stderr).toContain('Say one of: bash, zsh, fish');
    }
  });
});
