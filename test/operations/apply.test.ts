import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallOptions, Change, ChangeEnd, Manifest } from '../../lib/operations/results.ts';
import { manifest, released } from './manifest.ts';
import { collect, platform, type World } from './world.ts';

/** Plans and applies; the changes as they ended, in words. */
async function applied(
  { addons }: World,
  wanted: Manifest,
  options: CallOptions & { keepFor?: number } = {},
): Promise<string[]> {
  const { changes } = await addons.plan(wanted);
  return (await collect(addons.apply(changes, options))).map(told);
}

function told(end: ChangeEnd): string {
  const { action, ...rest } = end.change;
  const about = Object.values({ app: '', addon: '', name: '', ...rest, reason: '', env: '', id: '', kept: '' });
  const how = 'error' in end ? ('code' in end.error ? end.error.code : end.error.message) : end.outcome;
  return `${[action, ...about].filter((word) => word !== '').join(' ')}: ${how}`;
}

const planned = async ({ addons }: World, wanted: Manifest): Promise<Change[]> => (await addons.plan(wanted)).changes;

describe('applying a plan', () => {
  it('makes it so, and then there is nothing to do', async () => {
    const world = platform();
    await world.enable('bank');
    world.install('vault');
    for (const app of ['shop', 'blog']) world.app(app);
    await world.addons.add('shop', 'bank', { env: 'OLD_URL' });
    await world.addons.release('shop');
    const first = manifest({ shop: { vault: ['A_URL', 'DATABASE_URL'], bank: [] }, blog: { bank: [] } });
    expect(await applied(world, first)).toEqual([
      'enable vault: done',
      'add blog bank: done',
      'release blog: done',
      'add shop vault: done',
      'drop-name shop bank OLD_URL: done',
      'release shop: done',
    ]);
    expect(await planned(world, first)).toEqual([]);
    const env = await world.addons.env('shop');
    expect([...env.keys()].sort()).toEqual(['A_URL', 'DATABASE_URL', 'X_BANK_URL', 'X_VAULT_URL']);
    expect(env.get('DATABASE_URL')).toBe(env.get('X_VAULT_URL'));

    const second = manifest({ shop: { bank: ['DATABASE_URL'] }, blog: {} });
    await applied(world, second);
    expect(await planned(world, second)).toEqual([]);
    expect(await world.addons.export()).toEqual(second);
    const after = await world.addons.env('shop');
    expect([...after.keys()].sort()).toEqual(['DATABASE_URL', 'X_BANK_URL']);
    expect(after.get('DATABASE_URL')).toBe(after.get('X_BANK_URL'));
    expect(world.ledger('vault')).toEqual([]);
    expect(world.ledger('bank')).toHaveLength(1);
  });

  it('keeps what is removed for a while', async () => {
    const world = platform();
    await world.enable('vault');
    world.app('shop');
    await world.addons.add('shop', 'vault');
    expect(await applied(world, manifest({ shop: {} }), { keepFor: 3600 })).toEqual(['remove shop vault: done']);
    expect(world.ledger('vault')).toHaveLength(1);
    expect(await world.addons.trash()).toMatchObject([{ app: 'shop', addon: 'vault' }]);
  });

  it('does nothing in a dry run', async () => {
    const world = platform();
    world.install('vault');
    world.app('shop');
    const before = world.tree();
    expect(await applied(world, manifest({ shop: { vault: [] } }), { dryRun: true })).toEqual([
      'enable vault: planned',
      'add shop vault: planned',
      'release shop: planned',
    ]);
    expect(world.tree()).toEqual(before);
  });
});

describe('after a failure', () => {
  it('the rest of that app is left out, and the others go on', async () => {
    const world = platform();
    await world.enable('vault');
    await world.enable('broken', { provision: 'exit 1' });
    for (const app of ['blog', 'shop']) released(world, app, { vault: [] });
    expect(await applied(world, manifest({ blog: { broken: [] }, shop: {} }))).toEqual([
      'add blog broken: script-failed',
      'remove shop vault: done',
    ]);
    expect(world.read('blog', 'ADDONS')).toContain('vault;');
  });

  it('of an enable, every app that was to get that add-on is left out', async () => {
    const world = platform();
    await world.enable('vault');
    world.install('broken', { enable: 'exit 1' });
    for (const app of ['blog', 'shop', 'wiki']) world.app(app);
    const wanted = manifest({ blog: { broken: [], vault: [] }, shop: { vault: [] }, wiki: { broken: [] } });
    expect(await applied(world, wanted)).toEqual([
      'enable broken: script-failed',
      'add shop vault: done',
      'release shop: done',
    ]);
  });
});

describe('where the world has changed since the plan', () => {
  it('another resource than the planned one is not removed', async () => {
    const world = platform();
    await world.enable('vault');
    const dir = released(world, 'shop', { vault: [] });
    const changes = await planned(world, manifest({ shop: {} }));
    writeFileSync(join(dir, 'ADDONS'), 'vault;another;x\n');
    expect((await collect(world.addons.apply(changes))).map(told)).toEqual(['remove shop vault: conflict']);
    expect(readFileSync(join(dir, 'ADDONS'), 'utf8')).toBe('vault;another;x\n');
    expect(world.ran('vault')).toEqual(['enable']);
  });

  it('what is so by now is a success', async () => {
    const world = platform();
    for (const name of ['vault', 'bank']) await world.enable(name);
    released(world, 'shop', { vault: ['OLD_URL'] });
    const adding = await planned(world, manifest({ shop: { vault: [], bank: ['A_URL', 'B_URL'] } }));
    const removing = await planned(world, manifest({ shop: {} }));
    await world.addons.add('shop', 'bank', { env: 'A_URL' });
    await world.addons.remove('shop', 'vault', { env: 'OLD_URL' });
    expect((await collect(world.addons.apply(adding))).map(told)).toEqual([
      'add shop bank: unchanged',
      'drop-name shop vault OLD_URL: unchanged',
      'release shop: done',
    ]);
    expect(await planned(world, manifest({ shop: { vault: [], bank: ['A_URL', 'B_URL'] } }))).toEqual([]);
    await world.addons.remove('shop', 'vault');
    expect((await collect(world.addons.apply(removing))).map(told)).toEqual(['remove shop vault: unchanged']);
  });
});

it('leads from any manifest to any other', async () => {
  const resources = fc
    .tuple(fc.subarray(['bank', 'vault']), fc.nat(2), fc.nat(2))
    .map(([addons, one, other]) =>
      Object.fromEntries(
        addons.map((addon, index) => [
          addon,
          [...(one === index ? ['DATABASE_URL'] : []), ...(other === index ? ['OTHER_URL'] : [])],
        ]),
      ),
    );
  const apps = fc.record({ blog: resources, shop: resources });
  await fc.assert(
    fc.asyncProperty(fc.array(apps, { minLength: 2, maxLength: 2 }), async (steps) => {
      const world = platform();
      for (const name of ['bank', 'vault']) world.install(name);
      for (const app of ['blog', 'shop']) world.app(app);
      for (const step of steps) {
        const wanted = manifest(step);
        expect((await applied(world, wanted)).filter((end) => !end.endsWith(': done'))).toEqual([]);
        expect(await planned(world, wanted)).toEqual([]);
        expect(await world.addons.export()).toEqual(wanted);
      }
    }),
    { numRuns: 3 },
  );
});

it('brings no name back that an earlier resource has left', async () => {
  const world = platform();
  await world.enable('vault');
  writeFileSync(join(world.app('shop'), 'ADDONS.env'), 'vault;OLD_URL\n');
  const wanted = manifest({ shop: { vault: [] } });
  await applied(world, wanted);
  expect(await planned(world, wanted)).toEqual([]);
});

it('stops at a signal, and says what it was at', async () => {
  const world = platform();
  await world.enable('vault', { provision: 'sleep 60' });
  for (const app of ['blog', 'shop']) world.app(app);
  const { changes } = await world.addons.plan(manifest({ blog: { vault: [] }, shop: { vault: [] } }));
  const controller = new AbortController();
  const ends = collect(world.addons.apply(changes, { signal: controller.signal }));
  await world.begun();
  await pause(50);
  controller.abort();
  expect((await ends).map(told)).toEqual(['add blog vault: aborted']);
});
