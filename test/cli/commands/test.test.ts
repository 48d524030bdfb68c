import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describePlatform } from '../../../lib/platform.ts';
import { box, script, temporary } from '../../kit/box.ts';
import { type as typeWords } from '../fixtures/type.ts';

/** Types it where the temporary home and the platform are directories of the test's own. */
async function type(
  words: string[],
  { cwd, ...more }: { cwd?: string; terminal?: boolean; signal?: AbortSignal } = {},
) {
  const home = temporary();
  const platform = describePlatform({ home, shipped: join(import.meta.dirname, '../../../addons') });
  mkdirSync(platform.addonsRoot, { recursive: true });
  return typeWords(words, { ...more, ...(cwd && { cwd }), addons: { platform }, env: { TMPDIR: temporary() } });
}

test('each check is told as it ends, and all of them in one line', async () => {
  const seen = await type(['test', box(), '--only', 'health', '--only', 'login']);
  expect(seen.stdout).toMatch(/^ {2}ok {7}health +\d+\.\d s\n {2}skipped {2}login +no client for the scheme box/);
  expect(seen.stdout).toMatch(/\n2 checks: 1 passed, 0 failed, 1 skipped\.\n$/);
  expect(seen.stderr).toMatch(/^-----> Testing \/.*\/box\n$/);
  expect(seen.status).toBe(0);
});

test('a dry run names the checks and runs no script', async () => {
  const source = box({ enable: script('touch "$ADDON_ROOT/ran"; exit 1') });
  const seen = await type(['test', source, '--only', 'enable', '--dry-run']);
  expect(seen.stdout).toMatch(/^Would test \/.*\/box:\n {2}- scripts: .*\n[\s\S]* {2}- enable: .*\n$/);
  expect(seen.status).toBe(0);
  expect(existsSync(join(source, 'ran'))).toBe(false);
});

test('a failure says what the contract asks, what was seen and what to do; exit status 1', async () => {
  const seen = await type([
    'test',
    box({ health: script('echo "tried it" >&2; echo "no answer" >&2; exit 3') }),
    '--only',
    'health',
    '--quiet',
  ]);
  expect(seen.status).toBe(1);
  expect(seen.stdout.replace(/\d\.\d s/, '… s')).toBe(
    [
      `  FAILED   health${' '.repeat(17)}… s`,
      '           The contract: a good add-on is healthy while it is enabled.',
      '           Seen: health of the enabled add-on failed with exit status 3: no answer',
      '           | tried it',
      '           | no answer',
      '           Mend what health says.',
      '',
    ].join('\n'),
  );
});

test('what is left out for the failure of another is told together, at the end', async () => {
  const seen = await type(['test', box({ enable: script('exit 1') })]);
  expect(seen.stdout).toMatch(
    /skipped {2}3\d checks that need one which did not pass:\n {11}enable-again, health, provision,/,
  );
  expect(seen.stdout).toMatch(/\n {11}.*arguments\n42 checks: 3 passed, 1 failed, 38 skipped\.\n$/);
  expect(seen.stdout).not.toMatch(/skipped {2}url/);
  expect(Math.max(...seen.stdout.split('\n').map(({ length }) => length))).toBeLessThan(100);
});

test('--json prints one document', async () => {
  const seen = await type(['test', box({ health: script('exit 3') }), '--only=health', '--json']);
  expect(seen.status).toBe(1);
  expect(seen.json()).toMatchObject({
    command: 'test',
    result: { passed: 0, failed: 1, skipped: 0, checks: [{ check: 'health', outcome: 'failed' }] },
  });
});

describe('what is tested', () => {
  test('is a directory, from where one is', async () => {
    const seen = await type(['test', '.', '--only', 'scripts'], { cwd: box() });
    expect(seen).toMatchObject({ status: 0, stdout: expect.stringContaining('1 passed') });
  });

  test('or an add-on that comes with the package', async () => {
    const seen = await type(['test', 'db', '--only', 'scripts']);
    expect(seen.stderr).toMatch(/Testing .*\/addons\/db\n/);
    expect(seen.status).toBe(0);
  });

  test('or an installed one', async () => {
    const home = temporary();
    const platform = describePlatform({ home });
    mkdirSync(platform.addonRoot('mine'), { recursive: true });
    const seen = await typeWords(['test', 'mine', '--only', 'scripts'], { addons: { platform } });
    expect(seen.stderr).toContain(`Testing ${platform.addonRoot('mine')}\n`);
    expect(seen).toMatchObject({ status: 1, stdout: expect.stringContaining('enable does not exist') });
  });

  test('anything else is not found', async () => {
    expect(await type(['test', 'nosuch'])).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('no add-on is named nosuch'),
    });
  });
});

describe('--config', () => {
  test('may be given again; a value may hold "="', async () => {
    const source = box({
      enable: script('[ "$ADDON_CONFIG_LABEL-$ADDON_CONFIG_SIZE" = a=b-7 ]; mkdir -p boxes secrets'),
    });
    const seen = await type(['test', source, '--config', 'label=a=b', '--config=size=7', '--only', 'enable']);
    expect(seen).toMatchObject({ status: 0 });
  });

  test.each([['label'], ['=x'], ['labl=x']])('%s is refused', async (value) => {
    expect(await type(['test', box(), '--config', value])).toMatchObject({ status: 2, stdout: '' });
  });
});

test('an option that is no list is still refused when it is given twice', async () => {
  const seen = await type(['test', box(), '--timeout', '1', '--timeout', '2']);
  expect(seen).toMatchObject({ status: 2, stderr: expect.stringContaining('--timeout is given twice') });
});

test('interrupted, it exits with 130 and says that nothing is left', async () => {
  const stop = new AbortController();
  stop.abort();
  const seen = await type(['test', box()], { signal: stop.signal });
  expect(seen).toMatchObject({ status: 130, stderr: expect.stringContaining('All that it had made was removed.') });
});

test('what an add-on writes cannot steer the terminal', async () => {
  const source = box({ enable: script(`printf '\\033[2Jgone' >&2; exit 1`) });
  writeFileSync(join(source, 'README.md'), '');
  const seen = await type(['test', source, '--only', 'enable']);
  expect(seen.stdout).toContain('\\x1b[2Jgone');
});
