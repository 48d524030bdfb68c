import { cpSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { currentProcess } from '../../lib/state/process-identity.ts';
import { dead, foreign, type Left, type LeftRun, leave } from './journal.ts';
import { failure, listener, platform, type World } from './world.ts';

const DIED: LeftRun = { script: 'provision' };
const BAD: LeftRun = { script: 'provision', out: 'v1\n', status: 0 };
const MADE: LeftRun = { script: 'provision', out: 'v1;s3cret\n', status: 0 };
const TOLD_AND_FAILED: LeftRun = { script: 'provision', out: 'v1;s3cret\n', status: 1 };

const NOT_IDEMPOTENT = '[addon]\nversion = "1"\n';

/** The app `shop`, an add-on that says nothing of running twice, and an operation of theirs that needs a person. */
async function world(runs: LeftRun[], left: Partial<Left> = {}): Promise<World & { operation: string }> {
  const made = platform();
  await made.enable('vault', { 'addon.toml': NOT_IDEMPOTENT, list: undefined });
  made.app('shop');
  const what = {
    kind: 'add',
    addon: 'vault',
    app: 'shop',
    owner: null,
    quarantine: 'look at it',
    runs,
    ...left,
  } as const;
  return { ...made, operation: leave(made.addons, what) };
}

/** Check has nothing to say of operations any more. */
const settled = async ({ addons, journal }: World) => {
  expect(journal()).toEqual([]);
  expect((await addons.check()).findings.filter(({ kind }) => kind === 'quarantined')).toEqual([]);
};

describe.each([
  ['died without a result', DIED],
  ['succeeded with a bad line', BAD],
])('a provision that %s', (_, run) => {
  it('is quarantined by the next command, whose hint shows and settles it', async () => {
    const { addons, operation } = await world([run], { owner: dead() });
    unlinkSync(join(addons.platform.journal, operation, 'quarantine'));
    const error = await failure(addons.add('shop', 'vault'));
    expect(error).toMatchObject({
      code: 'quarantined',
      hint: `See what it wrote, and settle it: addons resolve ${operation}`,
    });
    expect(await addons.inspect(operation)).toMatchObject({ state: 'quarantined', kind: 'add', app: 'shop' });
    expect(await addons.resolve(operation, 'discard')).toMatchObject({ outcome: 'done' });
    expect(await addons.add('shop', 'vault')).toMatchObject({ outcome: 'done' });
  });

  it('adopt gives the app the line; remove is the way back', async () => {
    const made = await world([run]);
    const { addons, operation, read, ran } = made;
    expect(await addons.resolve(operation, { adopt: 'v1', private: 'pw' })).toEqual({
      operation,
      outcome: 'done',
      message: 'Gave shop v1 of vault: the next release sets X_VAULT_URL.',
      steps: [],
    });
    expect(read('shop', 'ADDONS')).toBe('vault;v1;pw\n');
    await settled(made);
    expect(await addons.remove('shop', 'vault')).toMatchObject({ resource: 'destroyed' });
    expect(ran('vault').at(-1)).toBe('unprovision v1');
  });

  it('retry runs it again, as the same operation', async () => {
    const made = await world([run]);
    const { addons, operation, read, ledger } = made;
    expect(await addons.resolve(operation, 'retry')).toMatchObject({
      outcome: 'done',
      message: 'Settled the add of vault for shop.',
    });
    expect(ledger('vault')).toEqual([`shop-${operation}`]);
    expect(read('shop', 'ADDONS')).toBe(`vault;shop-${operation};hunter2-shop\n`);
    await settled(made);
  });

  it('discard forgets it and runs nothing', async () => {
    const made = await world([run]);
    const before = made.ran('vault');
    expect(await made.addons.resolve(made.operation, 'discard')).toMatchObject({
      message: 'Discarded the add of vault for shop.',
    });
    expect([made.ran('vault'), made.read('shop', 'ADDONS')]).toEqual([before, '']);
    await settled(made);
  });
});

describe('a retry that fails', () => {
  const FAILING = { provision: 'echo no room >&2; exit 1' };

  it('says why, and that nothing came of it', async () => {
    const made = await world([BAD]);
    const { events, onProgress } = listener();
    made.install('vault', FAILING);
    expect(await made.addons.resolve(made.operation, 'retry', { onProgress })).toMatchObject({
      outcome: 'done',
      message: 'Settled the add of vault for shop: nothing came of it.',
    });
    const message = 'provision of vault failed with exit status 1: no room';
    expect([events, made.read('shop', 'ADDONS')]).toEqual([[{ type: 'warning', message }], '']);
    await settled(made);
  });

  it('needs a person still, where the first may have made something', async () => {
    const { addons, operation, install, journal } = await world([DIED]);
    install('vault', FAILING);
    expect(await failure(addons.resolve(operation, 'retry'))).toMatchObject({ code: 'quarantined' });
    expect((await addons.inspect(operation)).runs).toMatchObject([
      { end: 'died without a result' },
      { end: 'failed with exit status 1', stderr: 'no room\n' },
    ]);
    expect(journal()).toEqual([operation]);
  });
});

describe('a provision whose id another app holds', () => {
  const held = async () => {
    const made = await world([MADE]);
    made.app('blog', 'vault;v1;theirs\n');
    return made;
  };

  it('is not adopted: it says who has it, and what to type', async () => {
    const { addons, operation, read } = await held();
    const error = await failure(addons.resolve(operation, { adopt: 'v1' }));
    expect(error).toMatchObject({
      code: 'conflict',
      message: 'v1 of vault belongs to blog: nothing was changed.',
      hint: 'Take it from there first: addons remove blog vault --forget',
    });
    await addons.remove('blog', 'vault', { forget: true });
    expect(await addons.resolve(operation, { adopt: 'v1' })).toMatchObject({ outcome: 'done' });
    expect(read('shop', 'ADDONS')).toBe('vault;v1;s3cret\n'); // the private that provision printed
  });

  it('retry needs a person still, runs nothing, and unprovisions nothing', async () => {
    const { addons, operation, ran } = await held();
    const before = ran('vault');
    expect(await failure(addons.resolve(operation, 'retry'))).toMatchObject({ code: 'quarantined' });
    expect(ran('vault')).toEqual(before);
    expect(await addons.inspect(operation)).toMatchObject({ state: 'quarantined' });
  });

  it('discard leaves it to the other', async () => {
    const made = await held();
    await made.addons.resolve(made.operation, 'discard');
    expect([made.read('blog', 'ADDONS'), made.ran('vault').includes('unprovision v1')]).toEqual([
      'vault;v1;theirs\n',
      false,
    ]);
    await settled(made);
  });
});

describe('a provision that failed and may have made what an unreadable ADDONS holds', () => {
  const unreadable = async () => {
    const made = await world([TOLD_AND_FAILED]);
    const file = join(made.app('blog'), 'ADDONS');
    symlinkSync('/dev/null', file);
    return { ...made, file };
  };

  it('retry makes no second resource while it cannot be read, and unprovisions the first once it can', async () => {
    const made = await unreadable();
    const { addons, operation, ran, file } = made;
    const before = ran('vault');
    expect(await failure(addons.resolve(operation, 'retry'))).toMatchObject({ code: 'quarantined' });
    expect(ran('vault')).toEqual(before);
    unlinkSync(file);
    expect((await addons.resolve(operation, 'retry')).message).toMatch(/nothing came of it/);
    expect(ran('vault')).toEqual([...before, 'unprovision v1']);
    await settled(made);
  });

  it('adopt is refused: it may be another app’s', async () => {
    const { addons, operation } = await unreadable();
    expect(await failure(addons.resolve(operation, { adopt: 'v1' }))).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('may be in an ADDONS file or a trash record that cannot be read'),
    });
  });
});

describe('an add-on that is no longer installed', () => {
  it('is the reason, until it is back: then retry goes on', async () => {
    const made = await world([MADE], { owner: dead() });
    const { addons, operation, install, read } = made;
    unlinkSync(join(addons.platform.journal, operation, 'quarantine'));
    rmSync(addons.platform.addonRoot('vault'), { recursive: true });
    await addons.check({ fix: true });
    expect(await addons.inspect(operation)).toMatchObject({ reason: 'the add-on vault is no longer installed' });
    expect(await failure(addons.resolve(operation, 'retry'))).toMatchObject({ code: 'quarantined' });
    install('vault');
    expect(await addons.resolve(operation, 'retry')).toMatchObject({ outcome: 'done' });
    expect(read('shop', 'ADDONS')).toBe('vault;v1;s3cret\n');
    await settled(made);
  });

  it('a remove of it can be discarded, but not adopted', async () => {
    const made = await world([], { kind: 'remove', resource: 'v1' });
    expect(await failure(made.addons.resolve(made.operation, { adopt: 'v1' }))).toMatchObject({
      code: 'usage',
      message: `The operation ${made.operation} is no add: there is nothing to adopt.`,
    });
    await made.addons.resolve(made.operation, 'discard');
    await settled(made);
  });
});

describe('adopt', () => {
  it('leaves out a name that ENV sets by now', async () => {
    const { addons, app, operation } = await world([BAD], { more: { env: ['DATABASE_URL'] } });
    writeFileSync(join(app('shop'), 'ENV'), "export DATABASE_URL='mine'\n");
    const { events, onProgress } = listener();
    await addons.resolve(operation, { adopt: 'v1', private: '' }, { onProgress });
    expect((await addons.list('shop')).resources).toMatchObject([{ id: 'v1', env: [] }]);
    expect(events).toContainEqual({ type: 'warning', message: expect.stringContaining('DATABASE_URL') });
  });

  it('is refused where the add was to copy data: it would give a line without it', async () => {
    const copyOf = { name: 'shop', key: '1-2-3', resource: 'v0' };
    const { addons, operation, read, journal } = await world([BAD], { more: { copyOf } });
    expect(await failure(addons.resolve(operation, { adopt: 'v1', private: '' }))).toMatchObject({
      code: 'conflict',
      hint: expect.stringContaining('addons restore'),
    });
    expect([read('shop', 'ADDONS'), journal()]).toEqual(['', [operation]]);
  });

  it('keeps the extra variable names that the add was for', async () => {
    const { addons, operation } = await world([BAD], { more: { env: ['SAFE_URL'] } });
    await addons.resolve(operation, { adopt: 'v1', private: '' });
    expect((await addons.list('shop')).resources).toMatchObject([{ id: 'v1', env: ['SAFE_URL'] }]);
  });

  it.each([
    ['', 'an empty id'],
    ['-x', 'an id that starts with a dash'],
    ['a;b', 'an id with a semicolon'],
    ['a\nb', 'an id with a line break'],
  ])('refuses the id %j', async (adopt, why) => {
    const { addons, operation, journal } = await world([BAD]);
    expect(await failure(addons.resolve(operation, { adopt, private: '' }))).toMatchObject({
      code: 'usage',
      message: `Such a line would have ${why}.`,
    });
    expect(journal()).toEqual([operation]);
  });

  it('asks for the private that nobody told', async () => {
    const { addons, operation } = await world([BAD]);
    expect(await failure(addons.resolve(operation, { adopt: 'v1' }))).toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('standard input'),
    });
  });

  it('refuses an id that the add-on does not know, with the nearest', async () => {
    const { addons, operation, install, journal } = await world([BAD]);
    install('vault', { list: 'echo vault-1' });
    expect(await failure(addons.resolve(operation, { adopt: 'vault-2', private: '' }))).toMatchObject({
      code: 'resource-not-found',
      message: expect.stringContaining('Did you mean "vault-1"?'),
    });
    expect(journal()).toEqual([operation]);
  });

  it('refuses what gives no URL: the next release would fail', async () => {
    const { addons, operation, install, read } = await world([BAD]);
    install('vault', { url: 'echo no such safe >&2; exit 1', list: undefined });
    expect(await failure(addons.resolve(operation, { adopt: 'v1', private: '' }))).toMatchObject({
      code: 'script-failed',
    });
    expect(read('shop', 'ADDONS')).toBe('');
  });

  it('for an app that is gone says what to type instead, and that works', async () => {
    const { addons, operation, app } = await world([MADE]);
    rmSync(addons.platform.appDir('shop'), { recursive: true });
    const error = await failure(addons.resolve(operation, { adopt: 'v1' }));
    expect(error).toMatchObject({ code: 'app-not-found', hint: expect.stringMatching(/^Forget the operation, then/) });
    app('blog');
    await addons.resolve(operation, 'discard');
    expect(await addons.adopt('blog', 'vault', { id: 'v1', private: 'x' })).toMatchObject({ outcome: 'done' });
  });

  it('for an app that has got a line of that add-on since is settled by discard', async () => {
    const made = await world([BAD]);
    made.app('shop', 'vault;other;x\n');
    await made.addons.resolve(made.operation, 'discard');
    expect(made.read('shop', 'ADDONS')).toBe('vault;other;x\n');
    await settled(made);
  });
});

describe('which operation', () => {
  it('is told by the beginning of its id', async () => {
    const { addons, operation } = await world([BAD]);
    expect(await addons.inspect(operation.slice(0, 4))).toMatchObject({ operation });
  });

  it.each([['nope'], [''], ['../journal'], ['l']])('is unknown as %j', async (name) => {
    const { addons } = await world([BAD]);
    const error = await failure(addons.resolve(name, 'discard'));
    expect(error).toMatchObject({ code: 'resource-not-found', hint: 'See which need a person: addons check' });
  });

  it('is not guessed where two begin so', async () => {
    const { addons, operation } = await world([BAD]);
    const twin = `${operation}x`;
    cpSync(join(addons.platform.journal, operation), join(addons.platform.journal, twin), { recursive: true });
    expect((await addons.inspect(operation)).operation).toBe(operation); // an id in full is no beginning
    expect(await failure(addons.inspect(operation.slice(0, 4)))).toMatchObject({
      message: expect.stringMatching(/^2 operations begin with/),
    });
  });

  it('is forgotten on request when its script never comes to a good end', async () => {
    const { addons, app, enable, read, journal } = platform();
    await enable('vault', { rotate: 'exec sleep 60' });
    app('shop');
    await addons.add('shop', 'vault');
    const line = read('shop', 'ADDONS');
    expect(await failure(addons.rotate('shop', 'vault', { timeout: 0.2 }))).toMatchObject({ code: 'script-timeout' });
    expect(await failure(addons.release('shop', { timeout: 0.2 }))).toMatchObject({ code: 'script-timeout' });
    const [operation = ''] = journal();
    expect(await failure(addons.resolve(operation, 'retry'))).toMatchObject({ code: 'conflict' });
    expect(await addons.resolve(operation, 'discard')).toMatchObject({ outcome: 'done' });
    expect(journal()).toEqual([]);
    expect(read('shop', 'ADDONS')).toBe(line);
    expect(await addons.release('shop')).toMatchObject({ outcome: 'done' });
  });

  it('needs no person when it was only interrupted: the hint settles it', async () => {
    const { addons, operation, journal } = await world([MADE], {
      quarantine: undefined,
      owner: dead(),
    });
    expect(await addons.inspect(operation)).toMatchObject({ state: 'interrupted', id: 'v1' });
    expect(await failure(addons.resolve(operation, 'retry'))).toMatchObject({
      code: 'conflict',
      hint: 'The next command settles it, or: addons check --fix',
    });
    await addons.check({ fix: true });
    expect(journal()).toEqual([]);
  });

  it('is left alone while its owner may live', async () => {
    const { addons, operation } = await world([MADE], { quarantine: undefined, owner: foreign() });
    expect(await addons.inspect(operation)).toMatchObject({ state: 'running' });
    expect(await failure(addons.resolve(operation, 'discard'))).toMatchObject({ code: 'busy' });
  });

  it('is settled by one of two people', async () => {
    const { addons, open, operation, read } = await world([BAD]);
    const ends = await Promise.allSettled([
      addons.resolve(operation, { adopt: 'v1', private: 'a' }),
      open().resolve(operation, { adopt: 'v1', private: 'b' }),
    ]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(read('shop', 'ADDONS')).toMatch(/^vault;v1;[ab]\n$/);
  });
});

describe('an entry that cannot be read', () => {
  const damaged = async () => {
    const made = await world([MADE]);
    writeFileSync(join(made.addons.platform.journal, made.operation, 'op'), '{"version":');
    return made;
  };

  it('stops every change, is shown as far as it goes, and can be discarded', async () => {
    const made = await damaged();
    const { addons, operation } = made;
    expect(await failure(addons.add('shop', 'vault'))).toMatchObject({ code: 'malformed' });
    const report = await addons.inspect(operation);
    expect(report).toMatchObject({ state: 'damaged', kind: 'damaged', runs: [{ script: 'provision' }] });
    expect(JSON.stringify(report)).not.toContain('s3cret');
    expect(await addons.resolve(operation, 'discard')).toMatchObject({ outcome: 'done' });
    await settled(made);
    expect(await addons.add('shop', 'vault')).toMatchObject({ outcome: 'done' });
  });

  it.each(['retry', { adopt: 'v1' }] as const)('cannot be settled by %j', async (how) => {
    const { addons, operation } = await damaged();
    expect(await failure(addons.resolve(operation, how))).toMatchObject({
      code: 'malformed',
      hint: expect.stringContaining(`addons resolve ${operation} --discard`),
    });
  });

  it('may be a stray file', async () => {
    const { addons, journal } = await world([], {});
    for (const operation of journal()) await addons.resolve(operation, 'discard');
    writeFileSync(join(addons.platform.journal, 'stray'), '');
    expect(await addons.inspect('stray')).toMatchObject({ state: 'damaged', runs: [] });
    await addons.resolve('stray', 'discard');
    expect(journal()).toEqual([]);
  });
});

it('a dry run says what it would do and does nothing', async () => {
  const { addons, operation, tree } = await world([BAD]);
  const before = tree();
  for (const how of ['retry', 'discard', { adopt: 'v1' }] as const) {
    const { outcome, steps } = await addons.resolve(operation, how, { dryRun: true });
    expect([outcome, steps.length > 0]).toEqual(['planned', true]);
  }
  expect(tree()).toEqual(before);
});

describe('a damaged entry', () => {
  const damaged = async (left: Partial<Left>) => {
    const made = await world(left.runs ?? [], { quarantine: undefined, ...left });
    writeFileSync(join(made.addons.platform.journal, made.operation, 'op'), '{"version":2}');
    return made;
  };

  it.each([
    ['its owner lives', { owner: currentProcess() }],
    ['its owner cannot be asked', { owner: foreign() }],
    ['its script may still run', { owner: dead(), runs: [{ script: 'provision', claim: foreign() }] }],
  ])('stays while %s', async (_, left) => {
    const { addons, operation, journal } = await damaged(left);
    expect(await failure(addons.resolve(operation, 'discard'))).toMatchObject({ code: 'busy' });
    expect(journal()).toEqual([operation]);
  });

  it('can be discarded by one of two', async () => {
    const { addons, operation, journal } = await damaged({ owner: dead() });
    const both = await Promise.allSettled([addons.resolve(operation, 'discard'), addons.resolve(operation, 'discard')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'conflict' } });
    expect(journal()).toEqual([]);
  });

  it('of a dead process can be discarded', async () => {
    const { addons, operation, journal } = await damaged({ owner: dead() });
    await addons.resolve(operation, 'discard');
    expect(journal()).toEqual([]);
  });
});
