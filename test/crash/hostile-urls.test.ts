import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { killIfThere, openWorkshop, scriptsBelow, type Workshop, type World } from './world.ts';

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

describe('a url script that', () => {
  it.each([
    ['hangs', 'sleep 60', /took too long/],
    ['ignores TERM', 'trap "" TERM; sleep 60', /took too long/],
    ['prints two lines', 'echo a; echo b', /two lines/],
    ['prints a NUL byte', `printf 'a\\0\\n'`, /NUL/],
    ['prints a quote', `echo "db://it's"`, /quote/],
    ['prints 1 GB', 'head -c 1000000000 /dev/zero', /printed far more|too long/],
    ['fails', 'echo no server >&2; exit 4', /exit status 4.*no server/],
  ])('%s leaves ENV as it was', async (_, body, says) => {
    await world.prepare([
      ['add', 'shop', 'plain'],
      ['add', 'shop', 'db'],
      ['release', 'shop'],
    ]);
    const env = join(world.platform.platform.appDir('shop'), 'ENV');
    const before = readFileSync(env);
    world.script('plain', 'url', body);
    const { error } = await world.run(['release', 'shop'], { timeout: 0.5 });
    expect(error).toMatchObject({ ours: true, code: 'release-failed', message: expect.stringMatching(says) });
    expect(error?.message).toContain('Line 1');
    expect(readFileSync(env)).toEqual(before);
    expect(scriptsBelow(world.home)).toEqual([]);
  });

  it('leaves a daemon behind holds nobody up', async () => {
    world.script('plain', 'url', 'sleep 77 & echo ledger://it');
    await world.prepare([
      ['add', 'shop', 'plain'],
      ['release', 'shop'],
    ]);
    expect((await world.platform.env('shop')).get('X_PLAIN_URL')).toBe('ledger://it');
    const daemons = scriptsBelow(world.home);
    expect(daemons).not.toEqual([]);
    daemons.forEach(killIfThere);
  });
});
