import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command } from './driver.ts';
import { brokenPromises, findings, leftovers, readFacts } from './oracle.ts';
import { inParallel, openWorkshop, type Workshop } from './world.ts';

interface Scenario {
  name: string;
  before: Command[];
  command: Command;
  /** Each of them must bring the operation to its end. */
  recoveries: Command[];
  /** Ids that shop and blog have when it was run again at the end. */
  resources: number;
  enabled: boolean;
  /** It is made of operations that are killed on both sides of their steps on their own. */
  beforeOnly?: boolean;
}

const ENABLED: Command[] = [['enable', 'db']];
const ADDED: Command[] = [...ENABLED, ['add', 'shop', 'db'], ['release', 'shop']];

const SCENARIOS: Scenario[] = [
  {
    name: 'enable',
    before: [],
    command: ['enable', 'db'],
    recoveries: [
      ['enable', 'db'],
      ['disable', 'db'],
      ['add', 'shop', 'db'],
    ],
    resources: 0,
    enabled: true,
  },
  {
    name: 'disable',
    before: ENABLED,
    command: ['disable', 'db'],
    recoveries: [
      ['disable', 'db'],
      ['enable', 'db'],
      ['add', 'shop', 'db'],
    ],
    resources: 0,
    enabled: false,
  },
  {
    name: 'disable --force of an add-on in use',
    before: ADDED,
    command: ['disable', 'db', 'force'],
    recoveries: [['disable', 'db', 'force']],
    beforeOnly: true,
    resources: 0,
    enabled: false,
  },
  {
    name: 'add',
    before: ENABLED,
    command: ['add', 'shop', 'db'],
    recoveries: [
      ['add', 'shop', 'db'],
      ['release', 'shop'],
      ['remove', 'shop', 'db'],
      ['delete', 'shop'],
      ['disable', 'db'],
      ['disable', 'db', 'force'],
    ],
    resources: 1,
    enabled: true,
  },
  {
    name: 'add, of an add-on that is not idempotent',
    before: [['enable', 'plain']],
    command: ['add', 'shop', 'plain'],
    recoveries: [
      ['add', 'shop', 'plain'],
      ['release', 'shop'],
      ['remove', 'shop', 'plain'],
    ],
    resources: 1,
    enabled: true,
  },
  {
    name: 'remove',
    before: ADDED,
    command: ['remove', 'shop', 'db'],
    recoveries: [
      ['remove', 'shop', 'db'],
      ['release', 'shop'],
      ['add', 'shop', 'db'],
      ['delete', 'shop'],
      ['disable', 'db', 'force'],
    ],
    resources: 0,
    enabled: true,
  },
  {
    name: 'delete of an app with two resources',
    before: [...ADDED, ['enable', 'plain'], ['add', 'shop', 'plain'], ['release', 'shop']],
    command: ['delete', 'shop'],
    recoveries: [['delete', 'shop']],
    beforeOnly: true,
    resources: 0,
    enabled: true,
  },
  {
    name: 'release',
    before: [...ENABLED, ['add', 'shop', 'db']],
    command: ['release', 'shop'],
    recoveries: [
      ['release', 'shop'],
      ['remove', 'shop', 'db'],
    ],
    resources: 1,
    enabled: true,
  },
];

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.remove());

describe.concurrent('killed before and after every durable step, nothing is lost by', () => {
  it.each(SCENARIOS)('$name', { timeout: 240_000 }, async (scenario) => {
    const points = await countPoints(scenario);
    expect(points.length).toBeGreaterThan(4);
    await inParallel(points, (point) => killAndRecover(scenario, point), 2);
  });
});

interface Point {
  step: number;
  when: 'before' | 'after';
  what: string;
  recovery: Command;
}

/** Every step twice; the recoveries take turns, so that each meets every kind of step. */
async function countPoints({ before, command, recoveries, beforeOnly }: Scenario): Promise<Point[]> {
  const world = await workshop.makeWorld().prepare(before);
  const { steps, error } = await world.drive(command);
  expect(error).toBeUndefined();
  world.remove();
  return steps
    .flatMap(({ what, path }, index) =>
      (['before', 'after'] as const).map((when) => ({ step: index + 1, when, what: `${what} ${path}` })),
    )
    .filter(({ when }) => !(beforeOnly && when === 'after'))
    .flatMap((point, index) =>
      recoveries
        .filter((_, turn) => process.env.CRASH_ALL || turn === index % recoveries.length)
        .map((recovery) => ({ ...point, recovery })),
    );
}

async function killAndRecover({ before, command, resources, enabled }: Scenario, point: Point) {
  const world = await workshop.makeWorld().prepare(before);
  const { step, when, what, recovery } = point;
  const where = `killed ${when} step ${step} (${what}), then ${recovery.join(' ')}`;
  const killed = await world.drive(command, { kill: { step, when } });
  expect(killed.signal, where).toBe('SIGKILL');

  const { error } = await world.run(recovery);
  expect(error?.ours ?? true, `${where}: ${error?.message}`).toBe(true);
  expect(EXPECTED, `${where}: ${error?.message}`).toContain(error?.code);
  expect(brokenPromises(world), where).toEqual([]);
  if (error === undefined) expect(leftovers(world), where).toEqual([]);
  expect(readFacts(world).entries, where).toEqual([]);
  expect(await findings(world), where).toEqual([]);

  if (recovery[0] === 'disable' && command[0] === 'add') await world.run(['enable', 'db']);
  if (recovery[0] === 'disable' && command[0] === 'remove') await world.run(['enable', 'db']);
  const again = await world.run(command);
  expect(EXPECTED, `${where}, again: ${again.error?.message}`).toContain(again.error?.code);
  if (again.error === undefined && command[0] !== 'release') {
    const { ledger, lines } = readFacts(world);
    const expected = resources + (command[0] === 'enable' && recovery[0] === 'add' && !error ? 1 : 0);
    expect([ledger.size, lines.length], where).toEqual([expected, expected]);
    expect((await world.platform.info(command[0] === 'add' ? command[2] : 'db')).enabled, where).toBe(enabled);
  }
  expect(brokenPromises(world), where).toEqual([]);
  expect(leftovers(world), where).toEqual([]);
  world.remove();
}

/** What a recovering command may say when the operation before it turned out not to have happened, or to have. */
const EXPECTED = [undefined, 'resource-not-found', 'not-enabled', 'in-use'];
