import { describe, expect, test } from 'vitest';
import { type } from '../fixtures/type.ts';

const ID = 'mwpjbfg26e1d';

describe('without a choice', () => {
  test('shows what is known, and the commands to choose from', async () => {
    const seen = await type(['resolve', ID]);
    expect(seen).toMatchObject({ status: 0, stderr: '', calls: [] });
    expect(seen.stdout).toBe(
      [
        `Operation: ${ID}`,
        'What:      add db for shop',
        'Resource:  shop-9',
        'Started:   2025-01-02T03:04:05.000Z',
        'State:     quarantined: provision died without a result; it may have made a resource',
        `Files:     /srv/demo/lib/journal/${ID}`,
        'provision died without a result',
        '  stdout:',
        '  | shop-9;[redacted]',
        '  stderr:',
        '  | no\\x1b[31m room', // cannot steer the terminal
        'Look in the service whether the resource exists, then settle it:',
        `  addons resolve ${ID} --adopt <id>   it exists: the app keeps it`,
        `  addons resolve ${ID} --retry        run the script again`,
        `  addons resolve ${ID} --discard      forget it; nothing is run`,
        '',
      ].join('\n'),
    );
  });

  test('of a damaged entry offers what can be done: to discard it', async () => {
    const { stdout } = await type(['resolve', 'damaged']);
    expect(stdout).toContain('addons resolve damaged --discard');
    expect(stdout).not.toMatch(/--retry|--adopt/);
  });

  test('--quiet shows it all the same: it was asked for', async () => {
    expect((await type(['resolve', ID, '--quiet'])).stdout).toContain('shop-9');
  });

  test('of an unknown one says where to look', async () => {
    const seen = await type(['resolve', 'nosuch']);
    expect(seen).toMatchObject({ status: 3, stdout: '' });
    expect(seen.stderr).toContain('See which need a person: addons check');
  });

  test('the beginning of the id is enough', async () => {
    expect((await type(['resolve', 'mwpj', '--retry'])).calls).toEqual([`resolve ${ID} retry`]);
  });
});

test('--retry shows what is known, then settles it', async () => {
  const seen = await type(['resolve', ID, '--retry']);
  expect(seen).toMatchObject({ status: 0, calls: [`resolve ${ID} retry`] });
  expect(seen.stdout).toMatch(/^Operation: .*\nSettled the add of db for shop\.\n$/s);
  expect((await type(['resolve', ID, '--retry', '--quiet'])).stdout).toBe('');
});

describe('--adopt', () => {
  test('needs no private for the id that the script printed: it printed that, too', async () => {
    const seen = await type(['resolve', ID, '--adopt', 'shop-9'], { terminal: true });
    expect(seen.calls).toEqual([`resolve ${ID} adopt shop-9 with undefined`]);
    expect(seen.stderr).toBe('');
  });

  test('takes it from a pipe for another id', async () => {
    const seen = await type(['resolve', ID, '--adopt', 'shop-10'], { input: 'pw\r\n' });
    expect(seen.calls).toEqual([`resolve ${ID} adopt shop-10 with "pw"`]);
    expect(seen.stdout + seen.stderr).not.toContain('pw\n');
  });

  test('asks at a terminal', async () => {
    const seen = await type(['resolve', ID, '--adopt', 'shop-10'], { terminal: true, input: 'pw\n' });
    expect(seen.stderr).toContain('Private of shop-10, empty for none: ');
    expect(seen.calls).toEqual([`resolve ${ID} adopt shop-10 with "pw"`]);
  });
});

describe('--discard', () => {
  const words = ['resolve', ID, '--discard'];

  test('without a terminal is refused, naming the loss and the command that does it', async () => {
    const seen = await type(words);
    expect(seen).toMatchObject({ status: 4, calls: [] });
    expect(seen.stderr).toContain(
      'Discarding runs nothing and deletes the only record of: db shop-9. Nothing was changed.',
    );
    expect(seen.stderr).toContain(`addons resolve --force ${ID} --discard`);
  });

  test('on a terminal asks for the id of the operation', async () => {
    const seen = await type(words, { terminal: true, input: `${ID}\n` });
    expect(seen).toMatchObject({ status: 0, calls: [`resolve ${ID} discard`] });
    expect(await type(words, { terminal: true, input: 'shop\n' })).toMatchObject({ status: 4, calls: [] });
  });

  test('--force and --dry-run ask nobody', async () => {
    expect((await type([...words, '--force'])).calls).toEqual([`resolve ${ID} discard`]);
    const dry = await type([...words, '--dry-run']);
    expect(dry.calls).toEqual([`resolve ${ID} discard (dry)`]);
    expect(dry.stdout).toContain('Would settle the add of db for shop:\n  - run it again\n');
  });

  test('of a damaged entry names its files', async () => {
    const seen = await type(['resolve', 'damaged', '--discard']);
    expect(seen.stderr).toContain('/srv/demo/lib/journal/damaged');
  });
});

test.each([
  [['--retry', '--discard'], '--retry and --discard exclude each other.'],
  [['--adopt', 'x', '--retry'], '--adopt and --retry exclude each other.'],
])('%j is refused', async (options, message) => {
  const seen = await type(['resolve', ID, ...options]);
  expect(seen).toMatchObject({ status: 2, calls: [] });
  expect(seen.stderr).toContain(message);
});
