import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AddonsError } from '../../../lib/errors.ts';
import { type TypeOptions, type } from '../fixtures/type.ts';

let config: string;
let file: string;
beforeEach(async () => {
  config = await mkdtemp(join(tmpdir(), 'addons-use-'));
  file = join(config, 'addons/used-apps.json');
});
afterEach(() => rm(config, { recursive: true, force: true }));

const typed = (words: string[], { env, ...options }: TypeOptions = {}) =>
  type(words, { ...options, env: { XDG_CONFIG_HOME: config, ...env } });

const HINT = 'Name the app, set X_APP_NAME, or say: addons use APP';

describe('addons use', () => {
  test('remembers an app for the commands that need one', async () => {
    expect(await typed(['use', 'shop'])).toMatchObject({
      status: 0,
      stdout: 'Using shop for the apps in /nonexistent/home/apps.\n',
    });
    expect(await typed(['use'])).toMatchObject({ status: 0, stdout: 'shop (addons use)\n', stderr: '' });
    expect((await typed(['add', 'redis'])).calls).toEqual(['add shop redis']);
    expect((await typed(['add', 'blog', 'redis'])).calls).toEqual(['add blog redis']);
    expect((await typed(['release'])).calls).toEqual(['release shop']);
    expect((await typed(['list'])).stdout).toContain('blog');
  });

  test('is told by what changes something, and only by that', async () => {
    await typed(['use', 'shop']);
    expect((await typed(['release'])).stderr).toBe('       Using shop (addons use).\n');
    expect((await typed(['release', 'shop'])).stderr).toBe('');
    expect((await typed(['release', '--quiet'])).stderr).toBe('');
    expect((await typed(['url', 'db'])).stderr).toBe('');
  });

  test('the command to repeat names the app', async () => {
    await typed(['use', 'shop']);
    expect((await typed(['remove', 'db'])).stderr).toContain('addons remove --force --app shop db');
  });

  test('is for one user and one directory of apps; file and directory are closed to others', async () => {
    await typed(['use', 'shop']);
    await typed(['use', 'blog'], { env: { X_ROOT: '/srv/apps' } });
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ '/nonexistent/home/apps': 'shop', '/srv/apps': 'blog' });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(file))).mode & 0o777).toBe(0o700);
    expect(await readdir(dirname(file))).toEqual(['used-apps.json']);
    expect((await typed(['use'], { env: { X_ROOT: '/srv/apps' } })).stdout).toBe('blog (addons use)\n');
  });

  test('lies in ~/.config without XDG_CONFIG_HOME, and nowhere without a home', async () => {
    const env = { XDG_CONFIG_HOME: undefined, HOME: config };
    await type(['use', 'shop'], { env });
    expect(await readdir(join(config, '.config/addons'))).toEqual(['used-apps.json']);
    expect(await type(['use', 'shop'], { env: { HOME: undefined } })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('HOME is not set'),
    });
  });

  test('takes an app that is there', async () => {
    expect(await typed(['use', 'shpo'])).toMatchObject({ status: 3, stderr: expect.stringContaining('"shop"') });
    await expect(stat(file)).rejects.toThrow('ENOENT');
  });

  test('--none forgets it', async () => {
    await typed(['use', 'shop']);
    expect((await typed(['use', '--none'])).stdout).toBe('No app is used.\n');
    expect(await typed(['use'])).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '       No app is used: addons use APP\n',
    });
    expect(await typed(['release'])).toMatchObject({ status: 2, calls: [] });
    expect((await typed(['use', 'shop', '--none'])).status).toBe(2);
  });

  test('--dry-run remembers nothing', async () => {
    expect((await typed(['use', 'shop', '--dry-run'])).stdout).toContain('Would use shop');
    await expect(stat(file)).rejects.toThrow('ENOENT');
  });

  test('--json', async () => {
    const result = async (...words: string[]) => (await typed([...words, '--json'])).json().result;
    expect(await result('use')).toEqual({ app: null, from: null, outcome: 'unchanged' });
    expect(await result('use', 'shop')).toEqual({ app: 'shop', from: 'addons use', outcome: 'done' });
    expect(await result('use', 'shop')).toEqual({ app: 'shop', from: 'addons use', outcome: 'unchanged' });
    expect(await result('use')).toEqual({ app: 'shop', from: 'addons use', outcome: 'unchanged' });
    expect(await result('use', '--none')).toEqual({ app: null, from: null, outcome: 'done' });
  });

  test.each(['{ "/nonexistent/home/apps": "sh', '[1]', '{ "/nonexistent/home/apps": "../x" }', 'null'])(
    'a damaged file is told, counts as none, and is replaced by the next use: %s',
    async (text) => {
      await mkdir(dirname(file));
      await writeFile(file, text);
      const seen = await typed(['release']);
      expect(seen).toMatchObject({ status: 2, calls: [] });
      expect(seen.stderr).toContain(`${file} cannot be understood`);
      expect((await typed(['use', 'shop'])).status).toBe(0);
      expect((await typed(['release'])).calls).toEqual(['release shop']);
    },
  );

  test.each(['a link', 'a huge file'])('%s in its place is told, and counts as none', async (what) => {
    await mkdir(dirname(file));
    await writeFile(join(config, 'other'), '{ "/nonexistent/home/apps": "shop" }');
    if (what === 'a link') await symlink('../other', file);
    else await writeFile(file, '').then(() => truncate(file, 6 * 1024 ** 3));
    const seen = await typed(['release']);
    expect(seen).toMatchObject({ status: 2, calls: [] });
    expect(seen.stderr).toContain(`${file} is `);
    expect(seen.stderr).toContain('No app is used.');
  });

  test('a link in place of the file is not followed', async () => {
    await mkdir(dirname(file));
    await writeFile(join(config, 'other'), '{}', { mode: 0o644 });
    await chmod(join(config, 'other'), 0o644);
    await symlink('../other', file);
    expect((await typed(['use', 'shop'])).status).toBe(1);
    expect(await readFile(join(config, 'other'), 'utf8')).toBe('{}');
  });
});

describe('an app that is gone', () => {
  test('is told with the way out', async () => {
    await typed(['use', 'shop']);
    const gone = await typed(['url', 'db'], { addons: { apps: async () => ['blog'] } });
    expect(gone).toMatchObject({ status: 3, stdout: '' });
    expect(gone.stderr).toContain('There is no app "shop", which addons use names.');
    expect(gone.stderr).toContain('addons use --none');
  });

  test('in X_APP_NAME, too', async () => {
    const gone = await typed(['url', 'db'], { env: { X_APP_NAME: 'gone' } });
    expect(gone.stderr).toContain('There is no app "gone", which X_APP_NAME names.');
    expect(gone.status).toBe(3);
  });
});

describe('an app.json, which does not name its app', () => {
  const PLANNED = { plan: async () => ({ changes: [], apps: 1, resources: 0 }) };
  beforeEach(() => writeFile(join(config, 'app.json'), '{ "addons": [] }'));
  const planned = (words: string[], options: TypeOptions = {}) =>
    typed(['plan', ...words], { addons: PLANNED, cwd: config, ...options });

  test('is for --app, X_APP_NAME, or the used app', async () => {
    expect((await planned([])).status).toBe(2);
    expect((await planned(['--app', 'shop'])).status).toBe(0);
    expect((await planned([], { env: { X_APP_NAME: 'shop' } })).status).toBe(0);
    await typed(['use', 'shop']);
    expect((await planned([])).status).toBe(0);
  });

  test('of an app that is gone: the way out is told', async () => {
    await typed(['use', 'shop']);
    const error = new AddonsError('app-not-found', 'There is no app "shop".', { details: { app: 'shop' } });
    const seen = await planned([], { addons: { plan: () => Promise.reject(error) } });
    expect(seen).toMatchObject({ status: 3, stderr: expect.stringContaining('addons use --none') });
  });
});

describe('operand or --app, then X_APP_NAME, then addons use', () => {
  beforeEach(() => typed(['use', 'shop']));

  test.each([
    [['release'], {}, 'release shop'],
    [['release'], { X_APP_NAME: 'blog' }, 'release blog'],
    [['release'], { X_APP_NAME: '' }, 'release shop'],
    [['release', 'shop'], { X_APP_NAME: 'blog' }, 'release shop'],
    [['release', '--app', 'shop'], { X_APP_NAME: 'blog' }, 'release shop'],
    [['release', '--platform', 'dokku'], { X_APP_NAME: 'shop', DOKKU_APP_NAME: 'blog' }, 'release blog'],
  ])('%j with %j', async (words, env, call) => {
    expect((await typed(words, { env })).calls).toEqual([call]);
  });

  test('use says which', async () => {
    expect((await typed(['use'], { env: { X_APP_NAME: 'blog' } })).stdout).toBe('blog (X_APP_NAME)\n');
    expect((await typed(['use', 'shop'], { env: { X_APP_NAME: 'blog' } })).stderr).toContain(
      'X_APP_NAME is blog, and stands above it.',
    );
    expect((await typed(['release'], { env: { X_APP_NAME: 'blog' } })).stderr).toContain('Using blog (X_APP_NAME).');
  });
});

test.each([[['release']], [['add']], [['env']], [['exec', '--', 'ls']]])(
  '%j names the ways to name an app',
  async (words) => {
    const { status, stderr } = await typed(words);
    expect(status).toBe(2);
    expect(stderr).toContain(words[0] === 'release' ? HINT.replace('app,', 'app, say --all,') : HINT);
  },
);

test('the variable is that of the platform', async () => {
  expect((await typed(['env', '--platform', 'dokku'])).stderr).toContain('set DOKKU_APP_NAME');
});
