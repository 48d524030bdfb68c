import { expect, test } from 'vitest';
import { AddonsError } from '../../lib/errors.ts';
import { type } from './fixtures/type.ts';

test('an error tells what failed, what to do, and what the script said', async () => {
  const failures = [
    new AddonsError('script-failed', 'url of db failed with exit status 1.', {
      hint: 'Look at db.',
      details: { stderr: 'no file\n' },
    }),
    new AddonsError('script-timeout', 'url of redis took longer than 30 s.'),
  ];
  const release = async () => {
    throw new AddonsError('release-failed', 'shop was not released: 2 of 2 failed.', {
      hint: 'ENV is as it was.',
      details: { failures },
    });
  };
  const seen = await type(['release', 'shop'], { addons: { release } });
  expect(seen.status).toBe(1);
  expect(seen.stderr).toBe(` !     shop was not released: 2 of 2 failed.
       - url of db failed with exit status 1.
         Look at db.
       - url of redis took longer than 30 s.
       ENV is as it was.
       | no file
`);
});

test('a mistake of our own is told by its place; its message may hold a secret', async () => {
  const url = async () => {
    throw new TypeError('cannot use hunter2');
  };
  const seen = await type(['url', 'shop', 'db'], { addons: { url } });
  expect(seen.status).toBe(1);
  expect(seen.stderr).toContain('TypeError at ');
  expect(seen.stderr).not.toContain('hunter2');
  expect((await type(['url', 'shop', 'db', '--json'], { addons: { url } })).stdout).not.toContain('hunter2');
  const debugged = await type(['url', 'shop', 'db'], { addons: { url }, env: { ADDONS_DEBUG: '1' } });
  expect(debugged.stderr).toContain('hunter2');
});

test('a failed system call names its path', async () => {
  const url = async () => {
    throw Object.assign(new Error('EACCES: …'), { code: 'EACCES', path: '/home/x/shop/ADDONS' });
  };
  expect((await type(['url', 'shop', 'db'], { addons: { url } })).stderr).toContain(
    '/home/x/shop/ADDONS: permission denied',
  );
});

test('a script cannot steer the terminal by its stderr', async () => {
  const add = async () => {
    throw new AddonsError('script-failed', 'provision of db failed.', { details: { stderr: 'a\u001b]0;b\u0007\nc' } });
  };
  expect((await type(['add', 'shop', 'db'], { addons: { add } })).stderr).toContain(
    '       | a\\x1b]0;b\\x07\n       | c\n',
  );
});

test('colours are for terminals without NO_COLOR', async () => {
  expect((await type(['add', 'shop'], { terminal: true, env: { NO_COLOR: undefined } })).stderr).toContain(
    '\u001b[31m',
  );
  expect((await type(['add', 'shop'], { terminal: true })).stderr).not.toContain('\u001b');
  expect((await type(['add', 'shop'], { env: { NO_COLOR: undefined } })).stderr).not.toContain('\u001b');
});

test.each([
  [['add', 'shop', 'db', '--forc'], 'addons add has no option --forc.'],
  [['remove', 'shop', 'db', '--forc'], 'Did you mean "--force"?'],
  [['list', '--wiat', '3'], 'Did you mean "--wait"?'],
  [['list', '--app'], 'argument missing'],
  [['url', 'shop', 'db', 'more'], 'does not know what to do with "more"'],
  [['remove', 'shop'], 'Name it, or say --all.'],
  [['remove', 'shop', 'db', '--all'], 'exclude each other'],
  [['help', 'lst'], 'Did you mean "list"?'],
])('%j is a usage error', async (words, message) => {
  const seen = await type(words);
  expect(seen.stderr).toContain(message);
  expect(seen).toMatchObject({ status: 2, stdout: '', calls: [] });
});

test('an option that is given twice is refused: the first value would be lost', async () => {
  const seen = await type(['add', 'shop', 'db', '--env', 'ONE', '--env', 'TWO']);
  expect(seen).toMatchObject({ status: 2, calls: [] });
  expect(seen.stderr).toContain('--env is given twice.');
});

test('a mistake in an option is told on one line', async () => {
  const { stderr, status } = await type(['log', '--last', '-1']);
  expect(status).toBe(2);
  expect(stderr).not.toContain('\\x0a');
});

test('check says nothing with --quiet where all is well', async () => {
  const check = async () => ({ findings: [], fixed: [], apps: 1, addons: 1, operations: 0 });
  expect(await type(['check', '--quiet'], { addons: { check } })).toMatchObject({ status: 0, stdout: '', stderr: '' });
});
