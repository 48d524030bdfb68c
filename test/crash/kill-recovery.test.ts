import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command } from './driver.ts';
import { KEPT, readFacts, verdict } from './oracle.ts';
import { inParallel, openWorkshop, type Workshop, type World } from './world.ts';

interface FirstCrash {
  name: string;
  before: Command[];
  command: Command;
  /** Point of the script at which the first process, and perhaps the script, dies. */
  point: string;
  dies: string;
  recovery: Command;
  /** Lines and resources that are left in the end. */
  left: number;
}

const ADDED: Command[] = [
  ['enable', 'db'],
  ['add', 'shop', 'db'],
  ['release', 'shop'],
];

const CRASHES: FirstCrash[] = [
  {
    name: 'an add whose provision succeeded',
    before: [['enable', 'db']],
    command: ['add', 'shop', 'db'],
    point: 'provision-printed',
    dies: 'manager',
    recovery: ['release', 'shop'],
    left: 1,
  },
  {
    name: 'an add whose provision failed after it had told the id',
    before: [['enable', 'db']],
    command: ['add', 'shop', 'db'],
    point: 'provision-printed',
    dies: 'manager fail',
    recovery: ['release', 'shop'],
    left: 0,
  },
  {
    name: 'an add whose provision died with it and can be run again',
    before: [['enable', 'db']],
    command: ['add', 'shop', 'db'],
    point: 'provision-made',
    dies: 'manager group',
    recovery: ['release', 'shop'],
    left: 1,
  },
  {
    name: 'a remove',
    before: ADDED,
    command: ['remove', 'shop', 'db'],
    point: 'unprovision-gone',
    dies: 'manager group',
    recovery: ['release', 'shop'],
    left: 0,
  },
  {
    name: 'an enable',
    before: [],
    command: ['enable', 'db'],
    point: 'enable-end',
    dies: 'manager group',
    recovery: ['enable', 'db'],
    left: 0,
  },
  {
    name: 'a disable',
    before: [['enable', 'db']],
    command: ['disable', 'db'],
    point: 'disable-end',
    dies: 'manager group',
    recovery: ['disable', 'db'],
    left: 0,
  },
];

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.remove());

describe.concurrent('a recovery killed before every durable step, too, loses nothing of', () => {
  it.each(CRASHES)('$name', { timeout: 240_000 }, async (crash) => {
    const world = await crashed(crash);
    const { steps, error } = await world.drive(crash.recovery);
    expect(error).toBeUndefined();
    expect(steps.length).toBeGreaterThan(4);
    await expectEnd(world, crash, 'recovered at once');
    const points = [...steps.keys()].map((index) => ({ step: index + 1, what: `${steps[index]?.what}` }));
    await inParallel(points, (point) => crashAgain(crash, point), 2);
  });
});

async function crashAgain(crash: FirstCrash, { step, what }: { step: number; what: string }) {
  const where = `recovery killed before step ${step} (${what})`;
  const world = await crashed(crash);
  const second = await world.drive(crash.recovery, { kill: { step, when: 'before' } });
  expect(second.signal, where).toBe('SIGKILL');
  const { error } = await world.run(crash.recovery);
  expect(error, where).toBeUndefined();
  await expectEnd(world, crash, where);
}

async function crashed({ before, command, point, dies }: FirstCrash): Promise<World> {
  const world = await workshop.makeWorld().prepare(before);
  world.atPoint('db', point, dies);
  const first = await world.drive(command, { announce: world.announce('db') });
  expect(first.signal).toBe('SIGKILL');
  return world;
}

async function expectEnd(world: World, { left }: FirstCrash, where: string) {
  expect(await verdict(world), where).toEqual(KEPT);
  const { ledger, lines, entries } = readFacts(world);
  expect([ledger.size, lines.length, entries.length], where).toEqual([left, left, 0]);
  world.remove();
}
