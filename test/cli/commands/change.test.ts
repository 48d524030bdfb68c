import { describe, expect, test } from 'vitest';
import { AddonsError } from '../../../lib/errors.ts';
import { type } from '../fixtures/type.ts';

describe('several add-ons at once', () => {
  test('are told one by one and summed up; a failure does not stop the others', async () => {
    const seen = await type(['add', 'shop', 'db', 'off', 'redis']);
    expect(seen.calls).toEqual(['add shop db', 'add shop off', 'add shop redis']);
    expect(seen.stdout).toBe(
      'shop has db already (X_DB_URL).\n' +
        'Added redis to shop: the next release sets X_REDIS_URL.\n' +
        '3 add-ons: 1 done, 1 unchanged, 1 failed (off).\n',
    );
    expect(seen.stderr).toBe(' !     off is not enabled.\n       Run: addons enable off\n');
    expect(seen.status).toBe(4);
  });

  test('one needs no summary; a name typed twice counts once', async () => {
    expect((await type(['enable', 'redis', 'redis'])).stdout).toBe('Enabled redis.\n');
    expect((await type(['enable', 'db'])).stdout).toBe('db is enabled already.\n');
  });

  test('one error behind all of them is told once', async () => {
    const seen = await type(['add', 'nosuch', 'db', 'redis']);
    expect(seen.stderr.match(/no app "nosuch"/g)).toHaveLength(1);
    expect(seen.status).toBe(3);
  });

  test('the exit status is that of the worst', async () => {
    const enable = async (addon: string): Promise<never> => {
      throw new AddonsError(addon === 'a' ? 'busy' : addon === 'b' ? 'script-failed' : 'addon-not-found', addon);
    };
    expect((await type(['enable', 'a'], { addons: { enable } })).status).toBe(75);
    expect((await type(['enable', 'a', 'c'], { addons: { enable } })).status).toBe(3);
    expect((await type(['enable', 'a', 'b', 'c'], { addons: { enable } })).status).toBe(1);
  });

  test('after a signal no further one is begun, and the exit status is 130', async () => {
    const controller = new AbortController();
    const began: string[] = [];
    const enable = async (addon: string): Promise<never> => {
      began.push(addon);
      controller.abort();
      throw new AddonsError('script-failed', `${addon} was stopped.`);
    };
    const seen = await type(['enable', 'a', 'b'], { addons: { enable }, signal: controller.signal });
    expect(began).toEqual(['a']);
    expect(seen.status).toBe(130);
    expect(seen.stderr).toContain('b was left as it is');
  });
});

test('--quiet keeps errors and nothing else', async () => {
  const seen = await type(['add', 'shop', 'redis', 'off', '--quiet']);
  expect(seen.stdout).toBe('');
  expect(seen.stderr).toContain('off is not enabled');
  expect((await type(['list', '--quiet'])).stdout).toContain('shop-1');
});

test('--app stands for the app of any command that takes one', async () => {
  expect((await type(['add', 'redis', '--app', 'shop'])).calls).toEqual(['add shop redis']);
  expect((await type(['release', '--app', 'shop'])).calls).toEqual(['release shop']);
  expect((await type(['--app', 'shop'])).stdout).toContain('shop-1');
  expect((await type(['check', '--app', 'shop'])).status).toBe(2);
  expect((await type(['url', 'shop', 'db', '--app', 'shop'])).status).toBe(2);
});

describe('--dry-run shows the plan and does nothing', () => {
  test.each([
    [['add', 'shop', 'redis'], 'Would add redis to shop:\n  - run provision\n  - append the line\n'],
    [['enable', 'redis'], 'Would enable redis:\n  - run enable\n'],
    [['disable', 'db'], 'Would disable db:\n  - run disable\n'],
    [['remove', 'shop', 'db'], 'Would remove db from shop:\n  - run unprovision\n  - drop the line\n'],
    [['remove', 'shop', 'redis'], 'shop has no redis: nothing to remove.\n'],
    [['delete', 'shop'], 'Would delete the add-ons of shop:\n  - remove db\n'],
    [['release', 'shop'], 'Would release shop: X_DB_URL.\n'],
    [['restore', 'shop', 'db', 'a.dump'], 'Would overwrite the data of db of shop.\n'],
    [['unlock', '01HZX3'], 'Would free 01HZX3.\n'],
  ])('%j', async (words, stdout) => {
    const seen = await type([...words, '--dry-run']);
    expect(seen).toMatchObject({ status: 0, stdout });
    for (const call of seen.calls) expect(call).toMatch(/\(dry\)$/);
    expect(seen.calls).not.toEqual([]);
  });
});

describe('release', () => {
  test('names what changed, never a value', async () => {
    const seen = await type(['release', 'shop', 'blog']);
    expect(seen.stdout).toBe('Released shop: X_DB_URL changed.\nblog has no add-ons.\n2 apps: 1 done, 1 unchanged.\n');
  });

  test('--all goes on after a failure, names it and exits 1', async () => {
    const seen = await type(['release', '--all']);
    expect(seen).toMatchObject({
      status: 1,
      stdout: 'Released shop: X_DB_URL changed.\n2 apps: 1 done, 1 failed (blog).\n',
      stderr: ' !     url of db failed for blog.\n       Look at it.\n',
    });
  });

  test('needs apps or --all, not both', async () => {
    expect((await type(['release'])).status).toBe(2);
    expect((await type(['release', 'shop', '--all'])).status).toBe(2);
  });
});

test('what an add-on gets told twice, by progress and by its result, is printed once', async () => {
  const release = async (
    app: string,
    options?: { onProgress?: ((event: { type: 'warning'; message: string }) => void) | undefined },
  ) => {
    options?.onProgress?.({ type: 'warning', message: 'shop: line 3 of ADDONS is malformed.' });
    return {
      app,
      outcome: 'done' as const,
      configVars: [],
      changed: [],
      warnings: ['shop: line 3 of ADDONS is malformed.'],
    };
  };
  const seen = await type(['release', 'shop'], { addons: { release } });
  expect(seen.stderr).toBe(' !     shop: line 3 of ADDONS is malformed.\n');
});

test('enable tells of a newer copy', async () => {
  const enable = async (addon: string) => ({ addon, outcome: 'unchanged' as const, newerShipped: '2.0.0', steps: [] });
  const seen = await type(['enable', 'db'], { addons: { enable } });
  expect(seen.stdout).toBe(
    'db is enabled already.\nA newer db comes with this package: 2.0.0. To update: addons install db --force\n',
  );
});

describe('--trace', () => {
  const traced = async (terminal: boolean) => {
    const traces: unknown[] = [];
    const url = async (...[, , options]: [string, string, { trace?: number | undefined }?]) => {
      traces.push(options?.trace);
      return 'x:/';
    };
    return { seen: await type(['url', 'shop', 'db', '--trace'], { addons: { url }, terminal }), traces };
  };

  test('on a terminal: warns and hands over stderr', async () => {
    const { seen, traces } = await traced(true);
    expect(traces).toEqual([2]);
    expect(seen.stderr).toContain('secrets');
  });

  test('elsewhere: says why not and goes on', async () => {
    const { seen, traces } = await traced(false);
    expect(traces).toEqual([undefined]);
    expect(seen).toMatchObject({ status: 0, stdout: 'x:/\n' });
    expect(seen.stderr).toContain('needs a terminal');
  });
});
