import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { leave } from './journal.ts';
import { failure, platform, type World } from './world.ts';

/** The app `shop` has `vault`, with one more variable name, released. */
async function world(): Promise<World & { id: string; dir: string; names(): string; trash(): string[] }> {
  const made = platform();
  await made.enable('vault');
  const dir = made.app('shop');
  const { id = '' } = await made.addons.add('shop', 'vault', { env: 'SAFE_URL' });
  await made.addons.release('shop');
  const names = () => (existsSync(join(dir, 'ADDONS.env')) ? readFileSync(join(dir, 'ADDONS.env'), 'utf8') : '');
  return { ...made, id, dir, names, trash: () => readdirSync(made.addons.platform.trash) };
}

describe('of the variables, remove drops its own only', () => {
  it('an extra name that somebody set to something else stays', async () => {
    const { addons, dir, read, names } = await world();
    writeFileSync(join(dir, 'ENV'), read('shop', 'ENV').replace(/SAFE_URL='.*'/, "SAFE_URL='mine'"));
    expect((await addons.remove('shop', 'vault', { dryRun: true })).steps.at(-1)).toBe(
      `drop X_VAULT_URL from ${dir}/ENV`,
    );
    await addons.remove('shop', 'vault');
    expect([read('shop', 'ENV'), names()]).toEqual(["export SAFE_URL='mine'\n", '']);
  });

  it('an extra name that another line has, too, stays', async () => {
    const { addons, dir, read, names, enable } = await world();
    await enable('other');
    const { id = '' } = await addons.add('shop', 'other');
    writeFileSync(join(dir, 'ADDONS.env'), 'vault;SAFE_URL\nother;SAFE_URL\n');
    await addons.remove('shop', 'vault');
    expect(read('shop', 'ENV')).toMatch(/^export SAFE_URL='.*'\n$/);
    expect([names(), read('shop', 'ADDONS').startsWith(`other;${id};`)]).toEqual(['other;SAFE_URL\n', true]);
  });
});

describe('remove --forget', () => {
  it('drops line, variables and names; no script is run', async () => {
    const { addons, id, read, names, ledger, ran, journal } = await world();
    const before = ran('vault');
    expect(await addons.remove('shop', 'vault', { forget: true })).toEqual({
      app: 'shop',
      addon: 'vault',
      outcome: 'done',
      id,
      resource: 'forgotten',
      steps: [],
    });
    expect([read('shop', 'ADDONS'), read('shop', 'ENV'), names(), journal()]).toEqual(['', '', '', []]);
    expect([ledger('vault'), ran('vault')]).toEqual([[id], before]);
  });

  it('needs no add-on, and check is clean afterwards', async () => {
    const { addons, read } = await world();
    rmSync(addons.platform.addonRoot('vault'), { recursive: true });
    expect((await addons.check()).findings.map(({ kind }) => kind)).toContain('line-without-addon');
    expect(await addons.remove('shop', 'vault', { forget: true })).toMatchObject({ outcome: 'done' });
    expect([(await addons.check()).findings, read('shop', 'ENV')]).toEqual([[], '']);
  });

  it('says what there is when the name is wrong', async () => {
    const { addons } = await world();
    expect(await failure(addons.remove('shop', 'valt', { forget: true }))).toMatchObject({
      code: 'resource-not-found',
      message: 'The app shop has no valt. Did you mean "vault"?',
    });
  });

  it.each([
    { keepFor: Number.NaN },
    { keepFor: Number.POSITIVE_INFINITY },
    { keepFor: 1e13 },
    { keepFor: 520 * 604_800 + 1 },
    { keepFor: 0 },
    { keepFor: -5 },
    { keepFor: 60, forget: true },
    { forget: true, env: 'DATABASE_URL' },
  ])('is refused before anything is done: %j', async (options) => {
    const { addons, tree } = await world();
    const before = tree();
    for (const dryRun of [true, false]) {
      expect(await failure(addons.remove('shop', 'vault', { ...options, dryRun }))).toMatchObject({ code: 'usage' });
    }
    expect(tree()).toEqual(before);
  });

  it('settles an id that two apps hold: the other keeps the resource', async () => {
    const { addons, app, id, ledger, read, ran } = await world();
    app('blog', `vault;${id};copied\n`);
    for (const options of [{}, { keepFor: 60 }]) {
      const error = await failure(addons.remove('blog', 'vault', options));
      expect(error).toMatchObject({ code: 'conflict', message: expect.stringContaining(`shop holds ${id}`) });
      expect(error.hint).toContain('--forget');
    }
    expect(await addons.remove('blog', 'vault', { forget: true })).toMatchObject({ resource: 'forgotten' });
    expect([read('blog', 'ADDONS'), ledger('vault'), ran('vault').includes(`unprovision ${id}`)]).toEqual([
      '',
      [id],
      false,
    ]);
    expect(await addons.remove('shop', 'vault')).toMatchObject({ resource: 'destroyed' });
  });

  it('that died is brought to its end, also without the add-on', async () => {
    const { addons, id, read, names, ledger, journal } = await world();
    leave(addons, { kind: 'remove', addon: 'vault', app: 'shop', resource: id, more: { spare: {} } });
    rmSync(addons.platform.addonRoot('vault'), { recursive: true });
    await addons.release('shop');
    expect([read('shop', 'ADDONS'), read('shop', 'ENV'), names(), ledger('vault'), journal()]).toEqual([
      '',
      '',
      '',
      [id],
      [],
    ]);
  });
});

describe('remove --keep-for', () => {
  it('takes line and variables away; the resource stays, for now', async () => {
    const { addons, id, read, names, ledger, ran, journal, trash } = await world();
    const before = Date.now();
    const result = await addons.remove('shop', 'vault', { keepFor: 3600 });
    expect(result).toMatchObject({ outcome: 'done', id, resource: 'in-trash', until: expect.any(String) });
    const until = Date.parse(result.until ?? '');
    expect(until).toBeGreaterThanOrEqual(before + 3600_000);
    expect(until).toBeLessThanOrEqual(Date.now() + 3600_000);
    expect([read('shop', 'ADDONS'), read('shop', 'ENV'), names(), journal()]).toEqual(['', '', '', []]);
    expect([ledger('vault'), ran('vault').includes(`unprovision ${id}`)]).toEqual([[id], false]);
    const [record = ''] = trash();
    expect(statSync(join(addons.platform.trash, record)).mode & 0o777).toBe(0o600);
    expect((await addons.check()).findings).toEqual([]);
  });

  it('frees the app: it can have a new one at once', async () => {
    const { addons, id, ledger } = await world();
    await addons.remove('shop', 'vault', { keepFor: 3600 });
    const { id: second = '' } = await addons.add('shop', 'vault');
    expect(ledger('vault')).toEqual([id, second].sort());
    expect(await addons.remove('shop', 'vault')).toMatchObject({ resource: 'destroyed', id: second });
    expect(ledger('vault')).toEqual([id]);
  });

  it('twice in a row finds nothing the second time', async () => {
    const { addons } = await world();
    await addons.remove('shop', 'vault', { keepFor: 3600 });
    expect(await failure(addons.remove('shop', 'vault', { keepFor: 3600 }))).toMatchObject({
      code: 'resource-not-found',
    });
  });

  it('needs the add-on to be there: else nobody could ever empty the trash', async () => {
    const { addons, read } = await world();
    rmSync(addons.platform.marker('vault'));
    expect(await failure(addons.remove('shop', 'vault', { keepFor: 60 }))).toMatchObject({ code: 'not-enabled' });
    expect(read('shop', 'ADDONS')).toMatch(/^vault;/);
  });

  it('that died after the record was written goes on, and the resource is in the trash once', async () => {
    const { addons, id, read, ledger, trash } = await world();
    const until = '2999-01-01T00:00:00.000Z';
    const more = { spare: { trash: until } };
    leave(addons, { kind: 'remove', addon: 'vault', app: 'shop', resource: id, more });
    await addons.release('shop');
    expect([read('shop', 'ADDONS'), ledger('vault'), trash()]).toHaveLength(3);
    expect(await addons.trash()).toMatchObject([{ app: 'shop', id, until, expired: false, env: ['SAFE_URL'] }]);
    // Again, as if the first recovery had died before the entry went.
    leave(addons, { kind: 'remove', addon: 'vault', app: 'shop', resource: id, more });
    await addons.release('shop');
    expect(await addons.trash()).toHaveLength(1);
  });

  it('that died is not told as destroyed', async () => {
    const { addons, id, ledger } = await world();
    const more = { spare: { trash: '2999-01-01T00:00:00.000Z' } };
    leave(addons, { kind: 'remove', addon: 'vault', app: 'shop', resource: id, more });
    expect(await addons.remove('shop', 'vault')).toMatchObject({ outcome: 'done', id, resource: 'in-trash' });
    expect(ledger('vault')).toEqual([id]);
  });
});

describe('a resource that is marked as kept', () => {
  async function kept() {
    const made = await world();
    await made.addons.adopt('shop', 'vault', { id: made.id, private: '' }, { keep: true });
    return made;
  }

  it('survives remove, which says so', async () => {
    const { addons, id, ledger, ran, read } = await kept();
    expect(await addons.remove('shop', 'vault', { dryRun: true })).toMatchObject({
      resource: 'kept',
      steps: [expect.stringContaining('marked as kept'), expect.anything(), expect.anything()],
    });
    expect(await addons.remove('shop', 'vault')).toMatchObject({ outcome: 'done', id, resource: 'kept' });
    expect([ledger('vault'), read('shop', 'ADDONS'), ran('vault').includes(`unprovision ${id}`)]).toEqual([
      [id],
      '',
      false,
    ]);
    expect((await addons.check()).findings).toEqual([]); // no orphan either
  });

  it('survives delete and disable --force, which say so', async () => {
    const one = await kept();
    expect(await one.addons.delete('shop')).toMatchObject({ removed: [{ id: one.id, resource: 'kept' }] });
    expect(one.ledger('vault')).toEqual([one.id]);

    const other = await kept();
    other.install('vault', { disable: 'exit 0' });
    expect(await other.addons.disable('vault', { force: true })).toMatchObject({
      removed: [{ id: other.id, resource: 'kept' }],
    });
    expect([other.ledger('vault'), other.ran('vault').includes(`unprovision ${other.id}`)]).toEqual([
      [other.id],
      false,
    ]);
  });

  it('survives the trash, too: emptying only forgets it', async () => {
    const { addons, id, ledger, trash } = await kept();
    await addons.remove('shop', 'vault', { keepFor: 60 });
    expect(await addons.trash()).toMatchObject([{ id, kept: true }]);
    for await (const end of addons.emptyTrash()) expect(end).toMatchObject({ id, outcome: 'done', kept: true });
    expect([ledger('vault'), trash()]).toEqual([[id], []]);
  });

  it('is destroyed like any other once the mark is gone', async () => {
    const { addons, id, ledger } = await kept();
    expect(await addons.adopt('shop', 'vault', { id, private: '' }, { keep: false })).toMatchObject({
      outcome: 'done',
      kept: false,
    });
    expect(await addons.remove('shop', 'vault')).toMatchObject({ resource: 'destroyed' });
    expect(ledger('vault')).toEqual([]);
  });
});

describe('a line that an interrupted remove takes away first', () => {
  it.each([
    ['forgotten', { spare: {} }, true],
    ['destroyed', {}, false],
  ])('is told of as %s, as that remove was to do', async (resource, more, lives) => {
    const { addons, id, ledger } = await world();
    leave(addons, { kind: 'remove', addon: 'vault', app: 'shop', resource: id, more });
    expect(await addons.remove('shop', 'vault')).toMatchObject({ id, resource });
    expect(ledger('vault').includes(id)).toBe(lives);
  });

  it('is told of by delete as well', async () => {
    const { addons, id } = await world();
    leave(addons, { kind: 'remove', addon: 'vault', app: 'shop', resource: id, more: { spare: {} } });
    expect((await addons.delete('shop')).removed).toMatchObject([{ id, resource: 'forgotten' }]);
  });

  it('and that was to go to the trash is not lost with its app: it needs a person', async () => {
    const { addons, id, dir, ledger } = await world();
    const spare = { trash: '2030-01-01T00:00:00.000Z' };
    const operation = leave(addons, { kind: 'remove', addon: 'vault', app: 'shop', resource: id, more: { spare } });
    rmSync(dir, { recursive: true });
    const { findings } = await addons.check({ fix: true });
    expect(findings).toContainEqual(expect.objectContaining({ kind: 'quarantined', operation }));
    expect(ledger('vault')).toEqual([id]);
  });
});
