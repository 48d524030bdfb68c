import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dispatch } from '../../lib/cli/dispatch.ts';
import { type } from './fixtures/type.ts';

describe('what was typed names the command', () => {
  test.each([
    ['addons', ['add', 'shop', 'db'], 'add', ['shop', 'db']],
    ['addons', ['addons:add', 'shop', 'db'], 'add', ['shop', 'db']],
    ['addons:add', ['shop', 'db'], 'add', ['shop', 'db']],
    ['addons:add', [], 'add', []],
    ['addons', [], undefined, []],
    ['addons', ['-a'], undefined, ['-a']],
    ['addons', ['--home', 'demo', 'list'], 'list', ['--home', 'demo']],
    ['addons', ['--home=demo', 'list'], 'list', ['--home=demo']],
    ['addons', ['--json', 'shop', '--quiet'], 'shop', ['--json', '--quiet']],
    ['addons', ['--wait', '3', '--app', 'list', 'url', 'db'], 'url', ['--wait', '3', '--app', 'list', 'db']],
    ['addons', ['--', 'list'], undefined, ['--', 'list']],
    ['cli.js', ['list', 'list'], 'list', ['list']],
  ])('%s %j → %s', (invoked, tokens, word, rest) => {
    expect(dispatch(['node', `/some/where/${invoked}`, ...tokens])).toMatchObject({ word, rest });
  });
});

test('what stands before the word is told from what stands behind it', () => {
  const before = (...tokens: string[]) => dispatch(['node', 'addons', ...tokens]).before;
  expect([before('add', '--json'), before('--home', 'demo', 'add', '--json'), before('--json')]).toEqual([0, 2, 1]);
});

describe('a word means a command, else an app, else nothing', () => {
  test('an app: its list', async () => {
    const seen = await type(['shop']);
    expect(seen.stdout).toBe((await type(['list', 'shop'])).stdout);
    expect(seen.stdout).toContain('shop-1');
  });

  test('a command before an app of its name', async () => {
    const seen = await type(['check'], { addons: { apps: async () => ['check'] } });
    expect(seen.stdout).toContain('Looked at');
  });

  test('neither: exit 127 with the nearest name', async () => {
    const seen = await type(['relaese']);
    expect(seen).toMatchObject({ status: 127, stdout: '' });
    expect(seen.stderr).toContain('Did you mean "release"?');
    expect((await type(['shpo'])).stderr).toContain('Did you mean "shop"?');
    expect((await type(['../etc'])).status).toBe(127);
  });

  test('the app is looked for on the platform that the options name', async () => {
    const seen = await type(['shop', '--home', '/srv/a', '--nope']);
    expect(seen.opened[0]).toMatchObject({ home: '/srv/a' });
    expect(seen).toMatchObject({ status: 2 });
    expect(seen.stderr).toContain('--nope');
  });

  test('a link named after the command', async () => {
    const seen = await type(['shop', 'redis'], { invoked: '/app/node_modules/.bin/addons:add' });
    expect(seen.calls).toEqual(['add shop redis']);
  });

  test.each([
    ['pre-release', ['release shop']],
    ['pre-delete', ['delete shop']],
  ])('%s is an alias', async (verb, calls) => {
    expect((await type([verb, 'shop', '--force'].slice(0, verb === 'pre-delete' ? 3 : 2))).calls).toEqual(calls);
  });
});

test('whatever is typed ends with a documented exit status and one kind of output', async () => {
  const word = fc.oneof(
    fc.constantFrom(
      'add',
      'remove',
      'list',
      'shop',
      'db',
      '--json',
      '--app',
      '--wait',
      '-a',
      '--',
      '-o',
      '--confirm',
      '--dry-run',
      '--help',
    ),
    fc.string({ maxLength: 8 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 5 }), async (words) => {
      const seen = await type(words);
      expect([0, 1, 2, 3, 4, 127]).toContain(seen.status);
      if (seen.status > 1) expect(seen.stdout + seen.stderr).not.toBe('');
      expect(seen.stderr).not.toContain('unexpected');
    }),
    { numRuns: 300 },
  );
});

test('an option whose value is missing is a mistake of whoever typed it, wherever it stands', async () => {
  for (const argv of [['a', '--wait'], ['--home'], ['list', '--app']]) {
    const { status, stderr } = await type(argv);
    expect([argv, status]).toEqual([argv, expect.toSatisfy((code: number) => [2, 127].includes(code))]);
    expect(stderr).not.toContain('unexpected');
  }
});
