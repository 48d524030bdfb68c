import { describe, expect, test } from 'vitest';
import { AddonsError } from '../../../lib/errors.ts';
import type { Addons } from '../../../lib/operations/results.ts';
import { type } from '../fixtures/type.ts';

test('shows what is in it, what is due and what is kept', async () => {
  const seen = await type(['trash']);
  expect(seen).toMatchObject({ status: 0, stderr: '', calls: [] });
  expect(seen.stdout.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['APP', 'ADD-ON', 'ID', 'SINCE', 'UNTIL'],
    ['shop', 'db', 'shop-7', '2025-01-02 03:04', '2025-02-03 04:05', 'due'],
    ['blog', 'db', 'blog-8', '2025-01-03 03:04', '2999-02-03 04:05', 'kept'],
    [''],
  ]);
});

test.each([[['trash']], [['trash', '--empty']], [['trash', '--empty', '--expired']]])(
  '%j has nothing to do where it is empty',
  async (words) => {
    const addons: Partial<Addons> = { trash: async () => [], async *emptyTrash() {} };
    const seen = await type(words, { addons });
    expect(seen).toMatchObject({ status: 0, stdout: '' });
    expect(seen.stderr).toMatch(/The trash is empty\.|Nothing in the trash is due\./);
    expect((await type([...words, '--json'], { addons })).json().result).toEqual(words.length > 1 ? [] : { items: [] });
    expect((await type([...words, '--quiet'], { addons })).stderr).toBe('');
  },
);

describe('--empty', () => {
  const words = ['trash', '--empty'];

  test('without a terminal is refused, naming what is not due, and the command that does it', async () => {
    const seen = await type(words);
    expect(seen).toMatchObject({ status: 4, stdout: '', calls: [] });
    expect(seen.stderr).toContain('db blog-8 of blog');
    expect(seen.stderr).not.toContain('shop-7'); // due: that was agreed to
    expect(seen.stderr).toContain('addons trash --force --empty');
  });

  test('on a terminal asks for the word', async () => {
    const seen = await type(words, { terminal: true, input: 'trash\n' });
    expect(seen.status).toBe(0);
    expect(seen.stdout).toBe(
      'Destroyed db shop-7 of shop.\n' +
        'Forgot db blog-8 of blog; it is marked as kept, so it is not unprovisioned.\n' +
        '2 resources: 2 done.\n',
    );
  });

  test('takes what was there when it asked, and nothing that comes later', async () => {
    const seen = await type(words, { terminal: true, input: 'trash\n' });
    expect(seen.calls).toEqual(['empty mtrash1,mtrash2']);
  });

  test.each(['\n', 'y\n', 'shop\n', ''])('on a terminal, the answer %j changes nothing', async (input) => {
    expect(await type(words, { terminal: true, input })).toMatchObject({ status: 4, calls: [] });
  });

  test('--force asks nobody, and --no-input refuses', async () => {
    expect((await type([...words, '--force'])).calls).toHaveLength(1);
    expect(await type([...words, '--no-input'], { terminal: true, input: 'trash\n' })).toMatchObject({
      status: 4,
      calls: [],
    });
  });

  test('--expired is for cron: it takes what is due and asks nobody', async () => {
    const seen = await type([...words, '--expired']);
    expect(seen).toMatchObject({ status: 0, stderr: '', stdout: 'Destroyed db shop-7 of shop.\n' });
    expect(seen.calls[0]).toMatch(/^empty expired/);
  });

  test('--dry-run asks nobody and destroys nothing', async () => {
    const seen = await type([...words, '--dry-run']);
    expect(seen.calls).toEqual(['empty mtrash1,mtrash2 (dry)']);
    expect(seen.stdout).toMatch(/^Would destroy db shop-7 of shop\.\nWould forget db blog-8 of blog; /);
  });

  test('tells of one that failed, and of the others', async () => {
    const addons: Partial<Addons> = {
      async *emptyTrash() {
        const item = { operation: 'm', app: 'shop', addon: 'db', id: 'shop-7', since: '', until: '', env: [] };
        const flags = { expired: true, kept: false };
        const error = new AddonsError('script-failed', 'unprovision of db failed.', { hint: 'Mend it.' });
        yield { item: { ...item, ...flags }, error };
        yield { ...item, ...flags, id: 'shop-8', outcome: 'done', resource: 'destroyed', steps: [] };
      },
    };
    const seen = await type([...words, '--force'], { addons });
    expect(seen).toMatchObject({ status: 1, stderr: ' !     unprovision of db failed.\n       Mend it.\n' });
    expect(seen.stdout).toBe('Destroyed db shop-8 of shop.\n2 resources: 1 done, 1 failed (shop-7).\n');
  });
});

test.each(['--expired', '--forget', '--force'])('%s alone is refused', async (option) => {
  const seen = await type(['trash', option]);
  expect(seen).toMatchObject({ status: 2, calls: [] });
  expect(seen.stderr).toContain(`${option} goes with --empty.`);
});
