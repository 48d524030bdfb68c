import { describe, expect, test } from 'vitest';
import { AddonsError } from '../../../lib/errors.ts';
import type { RemoveResult } from '../../../lib/operations/results.ts';
import { type } from '../fixtures/type.ts';

describe('remove --keep-for', () => {
  test('needs no question, and says how it is brought back', async () => {
    const seen = await type(['remove', 'shop', 'db', '--keep-for', '7d']);
    expect(seen).toMatchObject({ status: 0, stderr: '', calls: ['remove shop db keep 604800'] });
    expect(seen.stdout).toBe(
      'Removed db from shop; shop-1 is in the trash until 2025-02-03T04:05:06.000Z, "addons undo shop db" brings it back.\n',
    );
  });

  test.each(['7', '', 'soon', '0d', '-7d'])('%j is no time', async (time) => {
    const seen = await type(['remove', 'shop', 'db', `--keep-for=${time}`]);
    expect(seen).toMatchObject({ status: 2, calls: [] });
    expect(seen.stderr).toContain('--keep-for 7d');
  });
});

test('remove --forget asks, then says that nothing was run', async () => {
  const asked = await type(['remove', 'shop', 'db', '--forget'], { terminal: true, input: 'shop\n' });
  expect(asked.stderr).toContain('Removing db from shop forgets where this is:');
  expect(asked.calls).toEqual(['remove shop db forget (dry)', 'remove shop db forget']);
  expect(asked.stdout).toBe('Removed db from shop; shop-1 was only forgotten, no script was run.\n');
});

describe('remove --env', () => {
  test('takes one name and keeps the resource, without a question', async () => {
    const seen = await type(['remove', 'shop', 'db', '--env', 'DATABASE_URL']);
    expect(seen).toMatchObject({ status: 0, stderr: '', calls: ['remove shop db name DATABASE_URL'] });
    expect(seen.stdout).toBe('Took that name from db of shop; shop-1 stays.\n');
  });

  test('of what the app has no more, tells what it did', async () => {
    const result: RemoveResult = { app: 'shop', addon: 'gone', outcome: 'done', resource: 'stays', steps: [] };
    const seen = await type(['remove', 'shop', 'gone', '--env', 'OLD'], { addons: { remove: async () => result } });
    expect(seen.stdout).toBe('Took that name from gone of shop.\n');
  });

  test('a dry run does not speak of removing the add-on', async () => {
    const seen = await type(['remove', 'shop', 'db', '--env', 'DATABASE_URL', '--dry-run']);
    expect(seen.stdout).toMatch(/^Would take a variable name from db of shop:\n {2}- drop DATABASE_URL\n/);
  });

  test.each([[['db', 'redis']], [['--all']], [[]]])('is for one add-on, not %j', async (words) => {
    expect(await type(['remove', 'shop', ...words, '--env', 'A'])).toMatchObject({ status: 2, calls: [] });
  });
});

test.each([
  [['--forget', '--keep-for', '7d'], '--forget and --keep-for exclude each other.'],
  [['--forget', '--env', 'A'], '--forget and --env exclude each other.'],
  [['--env', 'A', '--keep-for', '7d'], '--env and --keep-for exclude each other.'],
])('%j is refused', async (options, message) => {
  const seen = await type(['remove', 'shop', 'db', ...options]);
  expect(seen).toMatchObject({ status: 2, calls: [] });
  expect(seen.stderr).toContain(message);
});

test('what is marked as kept is named as such, before and after', async () => {
  const remove = async (
    app: string,
    addon: string,
    options?: { dryRun?: boolean | undefined },
  ): Promise<RemoveResult> => ({
    app,
    addon,
    outcome: options?.dryRun ? 'planned' : 'done',
    id: 'shop-1',
    resource: 'kept',
    steps: [],
  });
  const seen = await type(['remove', 'shop', 'db'], { addons: { remove }, terminal: true, input: 'shop\n' });
  expect(seen.stderr).toContain('db shop-1 of shop (only its line: it is marked as kept)');
  expect(seen.stdout).toBe('Removed db from shop; shop-1 is marked as kept, so it was not unprovisioned.\n');
});

test.each([
  ['delete', 'shop'],
  ['disable', 'db'],
])('%s says what it spared', async (verb, name) => {
  const removed = [{ app: 'shop', addon: 'db', outcome: 'done', id: 'shop-1', resource: 'kept', steps: [] } as const];
  const addons = {
    delete: async (app: string) => ({ app, outcome: 'done' as const, removed, steps: [] }),
    disable: async (addon: string) => ({ addon, outcome: 'done' as const, removed, steps: [] }),
  };
  const seen = await type([verb, name, '--force'], { addons: addons as never }); // `removed` is read only here
  expect(seen.stdout).toContain('\nNot unprovisioned, as marked: shop-1.\n');
});

test('--all with --keep-for puts each in the trash; a failure does not stop the rest', async () => {
  const list = async (app: string) => ({
    app,
    resources: ['db', 'off', 'redis'].map((addon) => ({
      addon,
      id: '1',
      configVar: 'X',
      env: [],
      state: 'ok' as const,
    })),
    malformed: [],
  });
  const remove = async (app: string, addon: string): Promise<RemoveResult> => {
    if (addon === 'off') throw new AddonsError('not-enabled', 'The add-on off is not enabled.');
    return { app, addon, outcome: 'done', id: '1', resource: 'in-trash', until: '2999-01-01T00:00:00.000Z', steps: [] };
  };
  const seen = await type(['remove', 'shop', '--all', '--keep-for', '1d'], { addons: { list, remove } });
  expect(seen.status).toBe(4);
  expect(seen.stdout).toContain('3 add-ons: 2 done, 1 failed (off).\n');
});
