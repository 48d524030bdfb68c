import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AddonsError } from '../../../lib/errors.ts';
import { describePlatform } from '../../../lib/platform.ts';
import { needs } from '../../require.ts';
import { type } from '../fixtures/type.ts';

const VARIABLES = { X_DB_URL: 'sqlite:///shop/db?password=hunter2' };

describe('addons exec', () => {
  test("adds the app's variables to the caller's, and lets the command take over", async () => {
    const seen = await type(['exec', 'shop', '--', 'psql', '-c', 'select 1'], {
      env: { PAGER: 'less', PATH: '/caller/bin', X_DB_URL: 'mine' },
    });
    expect(seen).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(seen.ran).toEqual([
      {
        program: 'psql',
        words: ['-c', 'select 1'],
        path: '/caller/bin',
        env: expect.objectContaining({ PAGER: 'less', PATH: '/caller/bin', ...VARIABLES }),
      },
    ]);
  });

  test.each([
    [
      ['exec', 'shop', 'ls', '-l', '--json'],
      ['ls', '-l', '--json'],
    ],
    [
      ['exec', 'shop', '--', 'ls', '--', '-l'],
      ['ls', '--', '-l'],
    ],
    [
      ['exec', '--app', 'shop', 'echo', 'a', 'a'],
      ['echo', 'a', 'a'],
    ],
    [
      ['--quiet', 'exec', 'shop', 'echo', '--help', '--trace', ''],
      ['echo', '--help', '--trace', ''],
    ],
    [
      ['addons:exec', 'shop', 'add', '--version'],
      ['add', '--version'],
    ],
  ])('%j: the words of the command are its own', async (words, expected) => {
    const { ran, stdout, status } = await type(words);
    expect(ran.map(({ program, words: rest }) => [program, ...rest])).toEqual([expected]);
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
  });

  test('ends as the command ended', async () => {
    expect((await type(['exec', 'shop', 'false'], { ended: 1 })).status).toBe(1);
    expect((await type(['exec', 'shop', 'sleep', '9'], { ended: 143 })).status).toBe(143);
  });

  test('a command that cannot be run is told', async () => {
    const error = new AddonsError('usage', 'There is no command "nosuch".');
    expect(await type(['exec', 'shop', 'nosuch'], { ended: { status: 127, error } })).toMatchObject({
      status: 127,
      stderr: ' !     There is no command "nosuch".\n',
    });
  });

  test('an app without variables: it runs, and that is told', async () => {
    const seen = await type(['exec', 'blog', 'ls']);
    expect(seen.ran).toHaveLength(1);
    expect(seen.stderr).toContain('blog has no variables: ls runs without.');
  });

  test('no app of that name: nothing runs', async () => {
    expect(await type(['exec', 'shpo', 'ls'])).toMatchObject({ status: 3, ran: [] });
  });

  test('--dry-run tells the names of the variables and no value', async () => {
    const seen = await type(['exec', '--dry-run', 'shop', 'ls']);
    expect(seen).toMatchObject({ status: 0, stdout: 'Would run ls with:\n  - X_DB_URL\n', ran: [] });
    expect((await type(['exec', '--dry-run', 'blog', 'ls'])).stdout).toBe('Would run ls without variables.\n');
  });

  test('--json is refused', async () => {
    const seen = await type(['exec', '--json', 'shop', 'ls']);
    expect(seen).toMatchObject({ status: 2, ran: [] });
    expect(seen.json().error).toMatchObject({ code: 'usage' });
  });

  test('says which app is meant where none is named', async () => {
    const seen = await type(['exec', '--', 'ls'], { env: { X_APP_NAME: 'shop' } });
    expect(seen.ran).toHaveLength(1);
    expect(seen.stderr).toContain('Using shop (X_APP_NAME).');
  });

  test('as root, it warns where another user may write what decides over the command', async () => {
    const home = await mkdtemp(join(tmpdir(), 'addons-exec-'));
    onTestFinished(() => rm(home, { recursive: true }));
    const dir = join(home, 'apps/shop');
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, 'ENV'), '');
    const stderr = async () =>
      (await type(['exec', 'shop', 'ls'], { addons: { platform: describePlatform({ home }) } })).stderr;
    expect(await stderr()).toBe('');
    if (!needs('root')) return;
    await chown(join(dir, 'ENV'), 1234, 1234);
    expect(await stderr()).toMatch(/^ ! {5}User 1234 may write ENV of shop, .*: sudo -u '#1234' addons exec …\n$/);
    await chown(join(dir, 'ENV'), 0, 0);
    await chown(dir, 1235, 1235);
    expect(await stderr()).toContain('User 1235 may write ENV of shop');
  });

  test('after a signal nothing is begun', async () => {
    expect(await type(['exec', 'shop', 'ls'], { signal: AbortSignal.abort() })).toMatchObject({ status: 130, ran: [] });
  });
});
