import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Addons, Manifest } from '../../lib/operations/results.ts';
import { leave } from './journal.ts';
import { manifest, released } from './manifest.ts';
import { failure, platform } from './world.ts';

const changesFor = async (addons: Addons, ...wanted: Parameters<typeof manifest>) =>
  (await addons.plan(manifest(...wanted))).changes;

describe('a plan', () => {
  it('is empty where all is as the manifest says, and looks at no other app', async () => {
    const world = platform();
    await world.enable('vault');
    released(world, 'shop', { vault: ['DATABASE_URL'] });
    world.app('blog', 'vault;1;x\nvault;2;x\noops\n');
    const before = world.tree();
    expect(await world.addons.plan(manifest({ shop: { vault: ['DATABASE_URL'] } }))).toEqual({
      changes: [],
      apps: 1,
      resources: 1,
    });
    expect(world.tree()).toEqual(before);
    expect(world.ran('vault')).toEqual(['enable']);
  });

  it('adds what is missing, removes what is too much, and releases once, in order', async () => {
    const world = platform();
    for (const name of ['vault', 'bank']) await world.enable(name);
    released(world, 'shop', { vault: [], bank: [] });
    world.app('blog');
    expect(await changesFor(world.addons, { shop: { vault: [] }, blog: { vault: ['A', 'B'], bank: [] } })).toEqual([
      { action: 'add', app: 'blog', addon: 'bank', env: [] },
      { action: 'add', app: 'blog', addon: 'vault', env: ['A', 'B'] },
      { action: 'release', app: 'blog', reason: 'X_BANK_URL, X_VAULT_URL, A, B are not in ENV yet' },
      { action: 'remove', app: 'shop', addon: 'bank', id: 'shop-bank', kept: false },
    ]);
  });

  it('removes nothing for what only adds', async () => {
    const world = platform();
    for (const name of ['vault', 'bank']) await world.enable(name);
    released(world, 'shop', { vault: ['OLD_URL'], bank: [] });
    expect(await changesFor(world.addons, { shop: { vault: ['NEW_URL'] } }, true)).toEqual([
      { action: 'add-name', app: 'shop', addon: 'vault', name: 'NEW_URL' },
      { action: 'release', app: 'shop', reason: 'NEW_URL is not in ENV yet' },
    ]);
  });

  it('enables first what is installed or shipped, once', async () => {
    const world = platform();
    world.install('vault');
    for (const app of ['shop', 'blog']) world.app(app);
    const changes = await changesFor(world.addons, { shop: { vault: [], db: [] }, blog: { vault: [] } });
    expect(changes.slice(0, 3)).toEqual([
      { action: 'enable', addon: 'db' },
      { action: 'enable', addon: 'vault' },
      { action: 'add', app: 'blog', addon: 'vault', env: [] },
    ]);
    expect(changes.filter(({ action }) => action === 'enable')).toHaveLength(2);
  });

  it('gives and takes extra names', async () => {
    const world = platform();
    await world.enable('vault');
    released(world, 'shop', { vault: ['OLD_URL', 'SAME_URL'] });
    expect(await changesFor(world.addons, { shop: { vault: ['SAME_URL', 'NEW_URL'] } })).toEqual([
      { action: 'drop-name', app: 'shop', addon: 'vault', name: 'OLD_URL' },
      { action: 'add-name', app: 'shop', addon: 'vault', name: 'NEW_URL' },
      { action: 'release', app: 'shop', reason: 'NEW_URL is not in ENV yet' },
    ]);
    expect(await changesFor(world.addons, { shop: { vault: ['SAME_URL'] } })).toEqual([
      { action: 'drop-name', app: 'shop', addon: 'vault', name: 'OLD_URL' },
    ]);
  });

  it('lets a name go to another add-on before data is destroyed', async () => {
    const world = platform();
    for (const name of ['vault', 'bank']) await world.enable(name);
    released(world, 'shop', { vault: ['DATABASE_URL'] });
    expect(await changesFor(world.addons, { shop: { bank: ['DATABASE_URL', 'BANK'] } })).toEqual([
      { action: 'add', app: 'shop', addon: 'bank', env: ['BANK'] },
      { action: 'drop-name', app: 'shop', addon: 'vault', name: 'DATABASE_URL' },
      { action: 'add-name', app: 'shop', addon: 'bank', name: 'DATABASE_URL' },
      { action: 'remove', app: 'shop', addon: 'vault', id: 'shop-vault', kept: false },
      { action: 'release', app: 'shop', reason: 'X_BANK_URL, DATABASE_URL, BANK are not in ENV yet' },
    ]);
  });

  it('releases an app whose ENV has drifted, but not for what goes', async () => {
    const world = platform();
    for (const name of ['vault', 'bank']) await world.enable(name);
    world.app('shop', 'vault;1;x\nbank;2;x\n');
    const [remove, release] = await changesFor(world.addons, { shop: { vault: [] } });
    expect(remove).toMatchObject({ action: 'remove', addon: 'bank' });
    expect(release).toEqual({ action: 'release', app: 'shop', reason: 'X_VAULT_URL is not in ENV' });
    released(world, 'blog', { vault: ['OLD_URL'] });
    writeFileSync(join(world.addons.platform.appDir('blog'), 'ENV'), "export X_VAULT_URL='u'\n");
    expect(await changesFor(world.addons, { blog: { vault: [] } })).toEqual([
      { action: 'drop-name', app: 'blog', addon: 'vault', name: 'OLD_URL' },
    ]);
  });

  it('says of what goes whether it is marked as kept', async () => {
    const world = platform();
    await world.enable('vault');
    released(world, 'shop', { vault: [] });
    writeFileSync(world.addons.platform.kept('vault'), 'shop-vault\n');
    expect(await changesFor(world.addons, { shop: {} })).toEqual([
      { action: 'remove', app: 'shop', addon: 'vault', id: 'shop-vault', kept: true },
    ]);
  });
});

describe('what stands in the way', () => {
  it('is told all at once, with the first deciding', async () => {
    const world = platform();
    await world.enable('vault');
    world.app('mess', 'vault;1;x\nvault;2;x\noops\n');
    world.app('shop');
    writeFileSync(join(world.app('names'), 'ADDONS.env'), 'oops\n');
    symlinkSync('nowhere', join(world.app('link'), 'ADDONS'));
    const error = await failure(
      world.addons.plan(
        manifest({ nosuch: {}, mess: {}, names: {}, link: {}, shop: { vualt: [], vault: ['X_VAULT_URL'] } }),
      ),
    );
    expect(error.code).toBe('malformed');
    expect(error.message).toBe('There is no plan: 7 things stand in the way.');
    expect(error.details.failures?.map(({ code, details }) => [code, details.app ?? details.addon])).toEqual([
      ['malformed', undefined], // link
      ['malformed', 'mess'],
      ['conflict', 'mess'],
      ['malformed', 'names'],
      ['app-not-found', 'nosuch'],
      ['conflict', 'shop'],
      ['addon-not-found', 'vualt'],
    ]);
    for (const one of error.details.failures ?? []) expect(one.hint).toMatch(/\S/);
  });

  it('alone is the error itself', async () => {
    const { addons, app } = platform();
    app('shop');
    expect(await failure(addons.plan(manifest({ shpo: {} })))).toMatchObject({
      code: 'app-not-found',
      message: expect.stringContaining('Did you mean "shop"?'),
    });
    expect(await failure(addons.plan(manifest({ shop: { nosuch: [] } })))).toMatchObject({ code: 'addon-not-found' });
    expect(await failure(addons.plan(manifest({ Shop: {} })))).toMatchObject({ code: 'usage' });
    expect(await failure(addons.plan(manifest({ shop: { '-x': [] } })))).toMatchObject({ code: 'usage' });
    expect(await failure(addons.plan(manifest({ shop: { db: ['A-B'] } })))).toMatchObject({ code: 'usage' });
  });

  it('is an operation under way, or left by a crash, of an app that is named', async () => {
    const world = platform();
    for (const name of ['vault', 'bank']) await world.enable(name);
    for (const app of ['shop', 'blog', 'wiki', 'calm']) world.app(app);
    leave(world.addons, { kind: 'add', addon: 'vault', app: 'shop' });
    const id = leave(world.addons, { kind: 'add', addon: 'vault', app: 'blog', quarantine: 'why' });
    leave(world.addons, { kind: 'empty', addon: 'vault', app: 'calm', resource: '1' });
    expect(await failure(world.addons.plan(manifest({ shop: {} })))).toMatchObject({
      code: 'conflict',
      hint: 'Settle it first: addons check --fix',
    });
    expect(await failure(world.addons.plan(manifest({ blog: {} })))).toMatchObject({
      code: 'quarantined',
      hint: expect.stringContaining(id),
    });
    expect(await changesFor(world.addons, { calm: {}, wiki: {} })).toEqual([]);
    leave(world.addons, { kind: 'disable', addon: 'bank' });
    expect(await failure(world.addons.plan(manifest({ wiki: { bank: [] } })))).toMatchObject({ code: 'conflict' });
  });

  it('is an add-on without which its resource cannot be removed', async () => {
    const world = platform();
    world.install('off');
    world.app('shop', 'gone;1;x\n');
    world.app('blog', 'off;1;x\n');
    expect(await failure(world.addons.plan(manifest({ shop: {} })))).toMatchObject({ code: 'addon-not-found' });
    expect(await failure(world.addons.plan(manifest({ blog: {} })))).toMatchObject({ code: 'not-enabled' });
  });

  it('is a name that is taken', async () => {
    const world = platform();
    for (const name of ['vault', 'bank']) await world.enable(name);
    const dir = world.app('shop');
    writeFileSync(join(dir, 'ENV'), 'DATABASE_URL=mine\n');
    expect(await failure(world.addons.plan(manifest({ shop: { vault: ['DATABASE_URL'] } })))).toMatchObject({
      code: 'conflict',
    });
    expect(await failure(world.addons.plan(manifest({ shop: { vault: ['N'], bank: ['N'] } })))).toMatchObject({
      code: 'conflict',
      message: "shop: N cannot be a name for vault: it is one of bank's.",
    });
  });
});

it.each([
  undefined,
  [],
  {},
  { apps: null },
  { apps: [] },
  { apps: { shop: null } },
  { apps: { shop: ['vault'] } },
  { apps: { shop: { vault: null } } },
  { apps: { shop: { vault: {} } } },
  { apps: { shop: { vault: { env: 'A' } } } },
  { apps: { shop: { vault: { env: [1] } } } },
])('refuses what is no manifest: %j', async (document) => {
  const world = platform();
  await world.enable('vault');
  world.app('shop');
  // What a program without types, or with a cast of its own, hands in.
  expect(await failure(world.addons.plan(document as unknown as Manifest))).toMatchObject({ code: 'malformed' });
});

it('reads an empty manifest on a platform that has no directory yet', async () => {
  const { addons, home } = platform();
  expect(await addons.plan(manifest({}))).toEqual({ changes: [], apps: 0, resources: 0 });
  mkdirSync(join(home, 'apps'), { recursive: true });
  expect(await addons.plan(manifest({}))).toEqual({ changes: [], apps: 0, resources: 0 });
});
