import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command, Job } from './driver.ts';
import { readFacts } from './facts.ts';
import { KEPT, verdict } from './oracle.ts';
import { inParallel, openWorkshop, type Workshop, type World } from './world.ts';

interface FirstCrash {
  name: string;
  before: Command[];
  command: Command;
  /** Point of the script at which the first process, and perhaps the script, dies; or the step that it did not come to. */
  at: { point: string; dies: string } | RegExp;
  recovery: Command;
  /** Lines, and resources beside those in the trash, that are left in the end. */
  left: number;
  /** Only every fourth step of its recovery, and not every second; but all with CRASH_ALL. */
  sampled?: boolean;
}

const ADDED: Command[] = [
  ['enable', 'db'],
  ['add', 'shop', 'db'],
  ['release', 'shop'],
];

const TRASHED: Command[] = [...ADDED, ['remove', 'shop', 'db', { keepFor: 60 }]];

const CRASHES: FirstCrash[] = [
  {
    name: 'an add whose provision succeeded',
    before: [['enable', 'db']],
    command: ['add', 'shop', 'db'],
    at: { point: 'provision-printed', dies: 'manager' },
    recovery: ['release', 'shop'],
    left: 1,
  },
  {
    name: 'an add whose provision failed after it had told the id',
    before: [['enable', 'db']],
    command: ['add', 'shop', 'db'],
    at: { point: 'provision-printed', dies: 'manager fail' },
    recovery: ['release', 'shop'],
    left: 0,
    sampled: true,
  },
  {
    name: 'an add whose provision died with it and can be run again',
    before: [['enable', 'db']],
    command: ['add', 'shop', 'db'],
    at: { point: 'provision-made', dies: 'manager group' },
    recovery: ['release', 'shop'],
    left: 1,
    sampled: true,
  },
  {
    name: 'a remove',
    before: ADDED,
    command: ['remove', 'shop', 'db'],
    at: { point: 'unprovision-gone', dies: 'manager group' },
    recovery: ['release', 'shop'],
    left: 0,
  },
  {
    name: 'an enable',
    before: [],
    command: ['enable', 'db'],
    at: { point: 'enable-end', dies: 'manager group' },
    recovery: ['enable', 'db'],
    left: 0,
    sampled: true,
  },
  {
    name: 'a disable',
    before: [['enable', 'db']],
    command: ['disable', 'db'],
    at: { point: 'disable-end', dies: 'manager group' },
    recovery: ['disable', 'db'],
    left: 0,
    sampled: true,
  },
  {
    name: 'a rotate whose script changed the secret',
    before: ADDED,
    command: ['rotate', 'shop', 'db'],
    at: { point: 'rotate-made', dies: 'manager group' },
    recovery: ['release', 'shop'],
    left: 1,
    sampled: true,
  },
  {
    name: 'a clone whose data was half in',
    before: ADDED,
    command: ['clone', 'shop', 'blog', 'data'],
    at: { point: 'restore-half', dies: 'manager group' },
    recovery: ['release', 'blog'],
    left: 2,
    sampled: true,
  },
  {
    name: 'an emptying of the trash',
    before: TRASHED,
    command: ['trash --empty'],
    at: { point: 'unprovision-gone', dies: 'manager group' },
    recovery: ['trash --empty'],
    left: 0,
    sampled: true,
  },
  {
    name: 'a remove that put its resource in the trash',
    before: ADDED,
    command: ['remove', 'shop', 'db', { keepFor: 60 }],
    at: /createFile .*shop.\.ADDONS\./,
    recovery: ['release', 'shop'],
    left: 0,
    sampled: true,
  },
  {
    name: 'an undo that had written the line',
    before: TRASHED,
    command: ['undo', 'shop', 'db'],
    at: /unlink .*trash/,
    recovery: ['release', 'shop'],
    left: 1,
    sampled: true,
  },
  {
    name: 'a rename that had the line in both apps',
    before: ADDED,
    command: ['rename', 'shop', 'blog'],
    at: /createFile .*shop.\.ADDONS\./,
    recovery: ['release', 'blog'],
    left: 1,
    sampled: true,
  },
];

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.remove());

describe.concurrent('a recovery killed before durable steps, too, loses nothing of', () => {
  it.each(CRASHES)('$name', { timeout: 240_000 }, async (crash) => {
    const world = await crashed(crash);
    const { steps, error } = await world.drive(crash.recovery);
    expect(error).toBeUndefined();
    expect(steps.length).toBeGreaterThan(4);
    await expectEnd(world, crash, 'recovered at once');
    const stride = process.env.CRASH_ALL ? 1 : crash.sampled ? 4 : 2;
    const points = [...steps.keys()]
      .filter((index) => index % stride === 0)
      .map((index) => ({ step: index + 1, what: `${steps[index]?.what}` }));
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

async function crashed(crash: FirstCrash): Promise<World> {
  const { before, command, at } = crash;
  const world = await workshop.makeWorld().prepare(before);
  if (!(at instanceof RegExp)) world.atPoint('db', at.point, at.dies);
  const death: Partial<Job> =
    at instanceof RegExp
      ? { kill: { step: await stepOf(crash, at), when: 'before' } }
      : { announce: world.announce('db') };
  expect((await world.drive(command, death)).signal).toBe('SIGKILL');
  return world;
}

const counted = new Map<FirstCrash, number>();

async function stepOf(crash: FirstCrash, at: RegExp): Promise<number> {
  const known = counted.get(crash);
  if (known !== undefined) return known;
  const world = await workshop.makeWorld().prepare(crash.before);
  const { steps } = await world.drive(crash.command);
  world.remove();
  const step = 1 + steps.findIndex(({ what, path }) => at.test(`${what} ${path}`));
  expect(step).toBeGreaterThan(0);
  counted.set(crash, step);
  return step;
}

async function expectEnd(world: World, { left }: FirstCrash, where: string) {
  expect(await verdict(world), where).toEqual(KEPT);
  const { ledger, lines, entries, trash } = readFacts(world);
  expect([ledger.size - trash.length, lines.length, entries.length], where).toEqual([left, left, 0]);
  world.remove();
}
