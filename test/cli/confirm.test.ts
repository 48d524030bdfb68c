import { describe, expect, test } from 'vitest';
import { AddonsError } from '../../lib/errors.ts';
import { type } from './fixtures/type.ts';

const DESTROYING: [string[], string, string, string][] = [
  [['remove', 'shop', 'db'], 'shop', 'remove shop db', 'db shop-1 of shop'],
  [['remove', 'shop', '--all'], 'shop', 'remove shop db', 'db shop-1 of shop'],
  [['delete', 'shop'], 'shop', 'delete shop', 'db shop-1 of shop'],
  [['disable', 'db'], 'db', 'disable db force', 'db shop-1 of shop'],
  [['remove', 'shop', 'db', '--forget'], 'shop', 'remove shop db forget', 'db shop-1 of shop'],
  [['unlock', '01HZX3'], '01HZX3', 'unlock 01HZX3', 'operation 01HZX3, held by process 4711'],
];

describe.each(DESTROYING)('addons %j', (words, name, call, loss) => {
  test('without a terminal is refused, naming the loss and the command that does it', async () => {
    const seen = await type(words);
    expect(seen).toMatchObject({ status: 4, stdout: '' });
    expect(seen.stderr).toContain(loss);
    expect(seen.stderr).toContain(`addons ${words[0]} --force ${words.slice(1).join(' ')}`);
    expect(seen.calls).not.toContain(call);
  });

  test('on a terminal asks for the name', async () => {
    const seen = await type(words, { terminal: true, input: `${name}\n` });
    expect(seen.stderr).toContain(loss);
    expect(seen.stderr).toContain(`(${name})`);
    expect(seen.calls).toContain(call);
    expect(seen.status).toBe(0);
  });

  test.each(['\n', 'y\n', ''])('on a terminal, the answer %j changes nothing', async (input) => {
    const seen = await type(words, { terminal: true, input });
    expect(seen.calls).not.toContain(call);
    expect(seen.status).toBe(4);
  });

  test('--no-input asks nobody', async () => {
    const seen = await type([...words, '--no-input'], { terminal: true, input: `${name}\n` });
    expect(seen.calls).not.toContain(call);
    expect(seen.status).toBe(4);
  });

  test('--force and --confirm do it at once', async () => {
    expect((await type([...words, '--force'])).calls).toContain(call);
    expect((await type([...words, '--confirm', name])).calls).toContain(call);
  });

  test('--confirm of another name is refused', async () => {
    const seen = await type([...words, '--confirm', 'other'], { terminal: true, input: `${name}\n` });
    expect(seen.calls).not.toContain(call);
    expect(seen.status).toBe(4);
    expect(seen.stderr).toContain(`--confirm ${name}`);
    expect(seen.stderr).not.toContain('--confirm other');
  });
});

describe('nothing to lose needs no question', () => {
  test.each([
    [['remove', 'blog', 'db'], 'blog has no db: nothing to remove.\n'],
    [['remove', 'blog', '--all'], ''],
    [['delete', 'blog'], 'blog has no add-ons: nothing to delete.\n'],
    [['disable', 'redis'], 'Disabled redis.\n'],
  ])('%j', async (words, stdout) => {
    expect(await type(words)).toMatchObject({ status: 0, stdout });
  });

  test('and forces nothing: an app that comes meanwhile is not destroyed unasked', async () => {
    expect((await type(['disable', 'redis'])).calls).toEqual(['disable redis force (dry)', 'disable redis']);
    expect((await type(['delete', 'blog'])).calls).toEqual(['delete blog (dry)']);
  });
});

test('an interrupted add is part of the question before an app is deleted', async () => {
  const list = async (app: string) => ({
    app,
    resources: [{ addon: 'redis', id: '', configVar: 'X_REDIS_URL', env: [], state: 'adding' as const }],
    malformed: [],
  });
  const seen = await type(['delete', 'blog'], { addons: { list }, terminal: true, input: 'blog\n' });
  expect(seen.stderr).toContain('redis of blog (adding)');
  expect(seen.calls).toEqual(['delete blog (dry)', 'delete blog']);
  expect((await type(['remove', 'blog', '--all'], { addons: { list } })).calls).toEqual([]);
});

test('one question for all add-ons of an app', async () => {
  const remove = async (app: string, addon: string, options?: { dryRun?: boolean | undefined }) => ({
    app,
    addon,
    outcome: options?.dryRun ? ('planned' as const) : ('done' as const),
    id: `${addon}-1`,
    resource: 'destroyed' as const,
    steps: [],
  });
  const seen = await type(['remove', 'shop', 'db', 'redis'], { terminal: true, input: 'shop\n', addons: { remove } });
  expect(seen.stderr.match(/Type the app/g)).toHaveLength(1);
  expect(seen.stdout).toBe('Removed db from shop.\nRemoved redis from shop.\n2 add-ons: 2 done.\n');
});

test('what the plan could not tell was not asked about, so it is not run', async () => {
  const ran: string[] = [];
  const remove = async (app: string, addon: string, options?: { dryRun?: boolean | undefined }) => {
    if (options?.dryRun && addon === 'redis') throw new AddonsError('busy', 'Another process works on redis.');
    if (!options?.dryRun) ran.push(addon);
    return { app, addon, outcome: 'done' as const, id: `${addon}-1`, resource: 'destroyed' as const, steps: [] };
  };
  const seen = await type(['remove', 'shop', 'db', 'redis'], { terminal: true, input: 'shop\n', addons: { remove } });
  expect(ran).toEqual(['db']);
  expect(seen.status).toBe(75);
});

test('each disabled add-on is its own question and its own command to repeat', async () => {
  const disable = async (addon: string, options?: { dryRun?: boolean | undefined }) => ({
    addon,
    outcome: options?.dryRun ? ('planned' as const) : ('done' as const),
    removed: [{ app: 'shop', addon, outcome: 'planned' as const, id: '1', resource: 'destroyed' as const, steps: [] }],
    steps: [],
  });
  const refused = await type(['disable', 'a', 'b'], { addons: { disable } });
  expect(refused.stderr).toContain('addons disable --force a\n');
  expect(refused.stderr).toContain('addons disable --force b\n');
  const asked = await type(['disable', 'a', 'b'], { addons: { disable }, terminal: true, input: 'a\nb\n' });
  expect(asked.stdout).toContain('2 add-ons: 2 done.');
});

test('a signal at the question ends it', async () => {
  const controller = new AbortController();
  controller.abort();
  const seen = await type(['delete', 'shop'], { terminal: true, input: 'shop\n', signal: controller.signal });
  expect(seen.status).toBe(130);
  expect(seen.calls).toEqual(['delete shop (dry)']);
});
