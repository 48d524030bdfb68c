import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readFacts } from './facts.ts';
import { KEPT, verdict } from './oracle.ts';
import { openWorkshop, type Workshop, type World } from './world.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.remove());

let world: World;
beforeEach(async () => {
  world = await workshop.makeWorld().prepare([
    ['enable', 'plain'],
    ['enable', 'db'],
  ]);
});
afterEach(() => world.remove());

describe('while provision runs, an app that is', () => {
  it.each(['db', 'plain'] as const)('deleted has its new resource of %s unprovisioned', async (addon) => {
    world.atPoint(addon, 'provision-made', 'delete');
    const { error } = await world.run(['add', 'shop', addon]);
    expect(error).toMatchObject({ ours: true, code: 'app-not-found', message: expect.stringContaining('deleted') });
    expect(existsSync(world.platform.platform.appDir('shop'))).toBe(false);
    expect(readFacts(world)).toMatchObject({ ledger: new Map(), lines: [], entries: [] });
  });

  it('renamed gets its line under the new name', async () => {
    world.atPoint('plain', 'provision-made', 'rename');
    expect((await world.run(['add', 'shop', 'plain'])).error).toBeUndefined();
    expect(readFacts(world).lines).toMatchObject([{ app: 'renamed' }]);
    expect(await verdict(world)).toEqual(KEPT);
  });

  it('deleted and made again gets nothing that it did not ask for', async () => {
    world.atPoint('plain', 'provision-made', 'recreate');
    expect((await world.run(['add', 'shop', 'plain'])).error).toMatchObject({ code: 'app-not-found' });
    expect(readFacts(world)).toMatchObject({ ledger: new Map(), lines: [], entries: [] });
  });

  it.each([
    ['deleted', 'delete'],
    ['deleted and made again', 'recreate'],
  ])('%s while the command is killed, too, is cleaned up by the next use of the add-on', async (_, fate) => {
    world.atPoint('plain', 'provision-made', `${fate} manager`);
    const { signal } = await world.drive(['add', 'shop', 'plain'], { announce: world.announce('plain') });
    expect(signal).toBe('SIGKILL');
    await world.prepare([['add', 'blog', 'plain']]);
    expect(readFacts(world)).toMatchObject({ lines: [{ app: 'blog' }], entries: [] });
    expect(readFacts(world).ledger.size).toBe(1);
    expect(await verdict(world)).toEqual(KEPT);
  });

  it('renamed while the command is killed, too, gets its line under the new name', async () => {
    world.atPoint('plain', 'provision-made', 'rename manager');
    const { signal } = await world.drive(['add', 'shop', 'plain'], { announce: world.announce('plain') });
    expect(signal).toBe('SIGKILL');
    await world.prepare([['release', 'renamed']]);
    expect(readFacts(world)).toMatchObject({ lines: [{ app: 'renamed' }], entries: [] });
    expect(await verdict(world)).toEqual(KEPT);
  });
});
