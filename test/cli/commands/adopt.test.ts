import { describe, expect, test } from 'vitest';
import type { ResourceState } from '../../../lib/operations/results.ts';
import { type } from '../fixtures/type.ts';

const ADOPT = ['adopt', 'blog', 'db', 'blog-1'];
const PLANNED = 'adopt blog db blog-1 (dry)';

test('takes the private from a pipe, and says what comes next', async () => {
  const seen = await type(ADOPT, { input: 'pw\n' });
  expect(seen).toMatchObject({ status: 0, stderr: '' });
  expect(seen.calls).toEqual([PLANNED, 'adopt blog db blog-1 with "pw"']);
  expect(seen.stdout).toBe('blog has blog-1 of db now, which remove unprovisions: the next release sets X_DB_URL.\n');
});

test.each([
  ['pw\r\n', '"pw"'],
  ['', '""'],
])('the input %j is the private %s', async (input, secret) => {
  expect((await type(ADOPT, { input })).calls).toContain(`adopt blog db blog-1 with ${secret}`);
});

test('two lines are refused, and nothing is called with them', async () => {
  const seen = await type(ADOPT, { input: 'one\ntwo\n' });
  expect(seen).toMatchObject({ status: 2, calls: [PLANNED] });
  expect(seen.stderr).not.toContain('two\n');
});

test('asks at a terminal, and shows nothing of the answer', async () => {
  const seen = await type(ADOPT, { terminal: true, input: 'pw\n' });
  expect(seen.stderr).toBe(' ?     Private of blog-1, empty for none: \n');
  expect(seen.calls).toContain('adopt blog db blog-1 with "pw"');
  expect(seen.stdout).not.toContain('pw');
});

test('--no-input at a terminal asks nobody', async () => {
  const seen = await type([...ADOPT, '--no-input'], { terminal: true, input: 'pw\n' });
  expect(seen).toMatchObject({ status: 4, calls: [PLANNED] });
  expect(seen.stderr).toContain('Give it on standard input.');
});

test('refuses before anybody is asked', async () => {
  const seen = await type(['adopt', 'blog', 'db', 'nosuch'], { terminal: true, input: 'pw\n' });
  expect(seen).toMatchObject({ status: 3, calls: ['adopt blog db nosuch (dry)'] });
  expect(seen.stderr).not.toContain('Private of');
});

describe('what the app has', () => {
  const has = (state: ResourceState['state']) => async (app: string) => ({
    app,
    resources: [{ addon: 'db', id: 'shop-1', configVar: 'X_DB_URL', env: [], state }],
    malformed: [],
  });
  const words = ['adopt', 'shop', 'db', 'shop-1', '--keep'];

  test('needs no private', async () => {
    const seen = await type(words, { terminal: true, input: 'pw\n' });
    expect(seen.stderr).toBe('');
    expect(seen.calls).toContain('adopt shop db shop-1 with undefined');
    expect(seen.stdout).toBe('shop has shop-1 of db already, marked as never to be unprovisioned.\n');
  });

  test.each(['adding', 'moving', 'quarantined'] as const)('only %s yet may need it', async (state) => {
    const seen = await type(words, { addons: { list: has(state) }, input: 'pw\n' });
    expect(seen.calls).toContain('adopt shop db shop-1 with "pw"');
  });

  test.each(['ok', 'disabled', 'rotating'] as const)('%s needs none', async (state) => {
    const seen = await type(words, { addons: { list: has(state) }, input: 'pw\n' });
    expect(seen.calls).toContain('adopt shop db shop-1 with undefined');
  });
});

test('--dry-run reads no private', async () => {
  const seen = await type([...ADOPT, '--dry-run'], { terminal: true, input: 'pw\n' });
  expect(seen).toMatchObject({
    status: 0,
    stderr: '',
    stdout: 'Would give blog blog-1 of db:\n  - add the line of blog-1\n',
  });
  expect(new Set(seen.calls)).toEqual(new Set([PLANNED]));
});

test('--json and --quiet print no text', async () => {
  expect((await type([...ADOPT, '--quiet'])).stdout).toBe('');
  expect((await type([...ADOPT, '--json', '--env', 'DATABASE_URL'])).json().result).toMatchObject({
    id: 'blog-1',
    env: ['DATABASE_URL'],
  });
});

test.each([[['adopt', 'blog', 'db']], [['adopt', 'blog', 'db', 'x', 'y']]])('%j is no command', async (words) => {
  expect(await type(words)).toMatchObject({ status: 2, calls: [] });
});
