import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { leave } from './journal.ts';
import { failure, listener, platform, type World } from './world.ts';

const VAULT = { app: 'shop', addon: 'vault', configVar: 'X_VAULT_URL' };

/** `vault` knows `v1`, which no app has; the apps are `shop` and `blog`. */
async function world(): Promise<World & { names(): string }> {
  const made = platform();
  await made.enable('vault');
  writeFileSync(join(made.addons.platform.addonData('vault'), 'ledger', 'v1'), 'data\n');
  const dir = made.app('shop');
  made.app('blog');
  const names = () => (existsSync(join(dir, 'ADDONS.env')) ? readFileSync(join(dir, 'ADDONS.env'), 'utf8') : '');
  return { ...made, names };
}

it('gives the app a line, and the next release its URL', async () => {
  const { addons, read, journal } = await world();
  const { events, onProgress } = listener();
  expect((await addons.check()).findings).toMatchObject([{ kind: 'orphan', id: 'v1' }]);
  expect(await addons.adopt('shop', 'vault', { id: 'v1', private: 'pw' }, { onProgress })).toEqual({
    ...VAULT,
    outcome: 'done',
    id: 'v1',
    env: [],
    kept: false,
    steps: [],
  });
  expect([read('shop', 'ADDONS'), journal()]).toEqual(['vault;v1;pw\n', []]);
  expect(events).toEqual([{ type: 'step', message: 'Adopting v1 of vault for shop' }]);
  await addons.release('shop');
  expect(read('shop', 'ENV')).toBe("export X_VAULT_URL='vault://me:pw@safe.example/v1'\n");
  expect((await addons.check()).findings).toEqual([]);
});

it('twice in a row changes nothing, whatever private is given', async () => {
  const { addons, read } = await world();
  await addons.adopt('shop', 'vault', { id: 'v1', private: 'pw' });
  expect(await addons.adopt('shop', 'vault', { id: 'v1', private: '' })).toMatchObject({ outcome: 'unchanged' });
  expect(read('shop', 'ADDONS')).toBe('vault;v1;pw\n');
});

it('takes a resource without a private, and ids with odd characters', async () => {
  const { addons, read, install } = await world();
  install('vault', { list: undefined });
  expect(await addons.adopt('shop', 'vault', { id: 'é /$(x) "1"', private: '' })).toMatchObject({ outcome: 'done' });
  expect(read('shop', 'ADDONS')).toBe('vault;é /$(x) "1";\n');
});

it('marks as kept, takes the mark away, and says so', async () => {
  const { addons } = await world();
  const adopt = (keep?: boolean) => addons.adopt('shop', 'vault', { id: 'v1', private: '' }, { keep });
  expect(await adopt(true)).toMatchObject({ outcome: 'done', kept: true });
  expect(await adopt(true)).toMatchObject({ outcome: 'unchanged', kept: true });
  expect(await adopt()).toMatchObject({ outcome: 'unchanged', kept: true });
  expect(await adopt(false)).toMatchObject({ outcome: 'done', kept: false });
});

it('records extra variable names before the line, and more of them later', async () => {
  const { addons, names } = await world();
  const adopt = (env: string) => addons.adopt('shop', 'vault', { id: 'v1', private: '' }, { env });
  expect(await adopt('SAFE_URL')).toMatchObject({ outcome: 'done', env: ['SAFE_URL'] });
  expect(await adopt('SAFE_URL')).toMatchObject({ outcome: 'unchanged', env: ['SAFE_URL'] });
  expect(await adopt('OTHER_URL')).toMatchObject({ outcome: 'done', env: ['SAFE_URL', 'OTHER_URL'] });
  expect(names()).toBe('vault;SAFE_URL\nvault;OTHER_URL\n');
});

describe('is refused, and nothing is changed,', () => {
  const refused = async (world: World, id: string, options = {}, secret = 'pw') => {
    const before = [world.read('shop', 'ADDONS'), world.read('blog', 'ADDONS')];
    const error = await failure(world.addons.adopt('shop', 'vault', { id, private: secret }, options));
    expect([world.read('shop', 'ADDONS'), world.read('blog', 'ADDONS')]).toEqual(before);
    expect(world.journal()).toEqual([]);
    return error;
  };

  it.each([
    ['', 'pw', 'an empty id'],
    ['-rf', 'pw', 'an id that starts with a dash'],
    ['a;b', 'pw', 'an id with a semicolon'],
    ['v1', 'a;b', 'a private with a semicolon'],
    ['v1', 'a\nb', 'a private with a line break'],
    ['v1', 'a\r', 'a private with a carriage return'],
    ['v1', 'x'.repeat(5000), 'too long an id and private (over 4096 bytes together)'],
  ])('for the id %j with the private %.5j', async (id, secret, why) => {
    const error = await refused(await world(), id, {}, secret);
    expect(error).toMatchObject({ code: 'usage', message: `Such a line would have ${why}.` });
  });

  it('for a bad or unknown name', async () => {
    const { addons } = await world();
    const v1 = { id: 'v1', private: '' };
    expect(await failure(addons.adopt('shop', '../vault', v1))).toMatchObject({
      code: 'usage',
      message: expect.not.stringContaining('line'),
    });
    expect(await failure(addons.adopt('shop', 'valt', v1))).toMatchObject({ code: 'addon-not-found' });
    expect(await failure(addons.adopt('shpo', 'vault', v1))).toMatchObject({ code: 'app-not-found' });
  });

  it('while the add-on is not enabled', async () => {
    const made = await world();
    rmSync(made.addons.platform.marker('vault'));
    expect(await refused(made, 'v1')).toMatchObject({
      code: 'not-enabled',
      hint: 'Enable it first: addons enable vault',
    });
  });

  it('for an id that the add-on does not know, naming the nearest', async () => {
    expect(await refused(await world(), 'v2')).toMatchObject({
      code: 'resource-not-found',
      message: 'The add-on vault knows no resource v2. Did you mean "v1"?',
    });
  });

  it('for what gives no URL', async () => {
    const made = await world();
    made.install('vault', { url: 'echo "wrong password $2" >&2; exit 1' });
    const error = await refused(made, 'v1', {}, 's3cret');
    expect(error).toMatchObject({ code: 'script-failed' });
    expect(JSON.stringify([error.message, error.details])).not.toContain('s3cret');
  });

  it('for what another app has, naming it and a way that works', async () => {
    const made = await world();
    made.app('blog', 'vault;v1;theirs\n');
    expect(await refused(made, 'v1')).toMatchObject({
      code: 'conflict',
      message: 'v1 of vault belongs to blog: nothing was changed.',
      hint: 'Take it from there first: addons remove blog vault --forget',
    });
    await made.addons.remove('blog', 'vault', { forget: true });
    expect(await made.addons.adopt('shop', 'vault', { id: 'v1', private: '' })).toMatchObject({ outcome: 'done' });
  });

  it('for what is in the trash, naming a way that works', async () => {
    const made = await world();
    await made.addons.adopt('blog', 'vault', { id: 'v1', private: 'pw' });
    await made.addons.remove('blog', 'vault', { keepFor: 60 });
    expect(await refused(made, 'v1')).toMatchObject({
      code: 'conflict',
      hint: 'Bring it back first: addons undo blog vault',
    });
    expect(await made.addons.undo('blog', 'vault')).toMatchObject({ id: 'v1' });
  });

  it('for an app that has another one', async () => {
    const made = await world();
    made.app('shop', 'vault;mine;\n');
    expect(await refused(made, 'v1')).toMatchObject({
      code: 'conflict',
      message: 'shop has another vault, mine: nothing was changed.',
      hint: 'Put that one in the trash first: addons remove shop vault --keep-for 7d',
    });
  });

  it('for an app with two lines of that add-on', async () => {
    const made = await world();
    made.app('shop', 'vault;1;\nvault;2;\n');
    expect(await refused(made, 'v1')).toMatchObject({ code: 'conflict' });
  });

  it('for an id that may be in an ADDONS that cannot be read', async () => {
    const made = await world();
    symlinkSync('/dev/null', join(made.app('wiki'), 'ADDONS'));
    expect(await refused(made, 'v1')).toMatchObject({ code: 'conflict', hint: 'See: addons check' });
  });

  it('for an ADDONS of its own that cannot be read', async () => {
    const { addons, app } = await world();
    mkdirSync(join(app('shop'), 'ADDONS'));
    expect(await failure(addons.adopt('shop', 'vault', { id: 'v1', private: '' }))).toMatchObject({
      code: 'malformed',
    });
  });

  it('for a variable name that is no name or is taken', async () => {
    const made = await world();
    writeFileSync(join(made.app('shop'), 'ENV'), 'DATABASE_URL=mine\n');
    expect(await refused(made, 'v1', { env: '1A' })).toMatchObject({ code: 'usage' });
    expect(await refused(made, 'v1', { env: 'DATABASE_URL' })).toMatchObject({ code: 'conflict' });
  });

  it('beside an operation under way that nobody waits for', async () => {
    const { addons, open, install, begun, read } = await world();
    install('vault', { provision: 'sleep 0.4; echo "p1;"' });
    const adding = addons.add('shop', 'vault');
    await begun();
    expect(await failure(open().adopt('shop', 'vault', { id: 'v1', private: '' }, { wait: 0 }))).toMatchObject({
      code: 'busy',
    });
    await adding;
    expect(read('shop', 'ADDONS')).toBe('vault;p1;\n');
  });
});

it('two apps at once: one gets it', async () => {
  const { addons, open, read } = await world();
  const v1 = { id: 'v1', private: '' };
  const ends = await Promise.allSettled([addons.adopt('shop', 'vault', v1), open().adopt('blog', 'vault', v1)]);
  const lines = [read('shop', 'ADDONS'), read('blog', 'ADDONS')].filter((text) => text !== '');
  expect(lines.length).toBeLessThanOrEqual(1);
  expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(lines.length);
});

it('can be interrupted while it asks the add-on, and leaves nothing', async () => {
  const { addons, install, journal, read } = await world();
  install('vault', { list: 'echo >"$ADDON_DATA/asked"; sleep 20' });
  const controller = new AbortController();
  const adopting = failure(addons.adopt('shop', 'vault', { id: 'v1', private: '' }, { signal: controller.signal }));
  await expect.poll(() => existsSync(join(addons.platform.addonData('vault'), 'asked'))).toBe(true);
  controller.abort();
  expect(await adopting).toMatchObject({ code: 'aborted' });
  expect([journal(), read('shop', 'ADDONS')]).toEqual([[], '']);
});

it('that died before its line is as if it had never been', async () => {
  const { addons, app, read, names, journal } = await world();
  writeFileSync(join(app('shop'), 'ADDONS.env'), 'vault;SAFE_URL\n');
  leave(addons, { kind: 'adopt', addon: 'vault', app: 'shop', resource: 'v1', more: { env: ['SAFE_URL'] } });
  await addons.adopt('shop', 'vault', { id: 'v1', private: 'again' });
  expect([read('shop', 'ADDONS'), names(), journal()]).toEqual(['vault;v1;again\n', '', []]);
});

it('a dry run changes nothing and asks no script', async () => {
  const { addons, tree } = await world();
  const before = tree();
  const adopt = (options: object) =>
    addons.adopt('shop', 'vault', { id: 'v1', private: '' }, { dryRun: true, ...options });
  expect(await adopt({ keep: true, env: 'SAFE_URL' })).toMatchObject({
    outcome: 'planned',
    kept: false,
    steps: [
      expect.stringContaining('add the line of v1'),
      'mark v1 as never to be unprovisioned',
      'name its variable SAFE_URL, too',
    ],
  });
  expect(tree()).toEqual(before);
});

it('is refused while a trash record cannot be read: it may be in it', async () => {
  const { addons, read } = await world();
  mkdirSync(addons.platform.trash, { recursive: true });
  writeFileSync(join(addons.platform.trash, 'broken'), '{');
  expect(await failure(addons.adopt('shop', 'vault', { id: 'v1', private: '' }))).toMatchObject({ code: 'conflict' });
  expect(read('shop', 'ADDONS')).toBe('');
});
