import { expect } from 'vitest';
import type { ErrorCode } from '../../lib/errors.ts';
import type { Command } from './driver.ts';
import { type Facts, readFacts } from './facts.ts';
import { brokenPromises, findings, leftovers } from './oracle.ts';
import type { Step } from './stepping-disk.ts';
import { inParallel, type Workshop, type World } from './world.ts';

/** A command that is killed around each of its durable steps, and what must bring it to its end. */
export interface Scenario {
  name: string;
  /** Resources of db that no operation made. */
  found?: string[];
  before: Command[];
  /** More that comes after `before`. */
  arrange?: (world: World) => unknown;
  command: Command;
  /** Each of them must bring the operation to its end. */
  recoveries: Command[];
  /** What there is when it was run again at the end; a recovery that takes another way is left out with `uncounted`. */
  left: { ledger: number; lines: number; trash?: number };
  uncounted?: Command[0][];
  /** Whether the add-on is enabled then; default: so it is. */
  enabled?: boolean;
  /** Ids that are nobody's, asked before it is killed. */
  free?: (facts: Facts) => string[];
  /** What a recovery may say beside that what it was to do is done, or cannot be. */
  says?: ErrorCode[];
  /** Recoveries that may have no reason to come by its entry: the command itself does. */
  partly?: Command[0][];
  /** Its entry needs a person: only the command itself, or a recovery after it, brings it to its end. */
  quarantined?: boolean;
  /** Made of what is killed at each step elsewhere: every second step is enough, but with CRASH_ALL. */
  sampled?: boolean;
  /** What more must be so at the end. */
  atEnd?: (facts: Facts, where: string) => void;
}

interface Point {
  step: number;
  when: 'before' | 'after';
  what: string;
  recovery: Command;
}

/** So many steps are all tried. */
const FEW = 8;

/** Milliseconds for one scenario. */
export const PATIENCE = process.env.CRASH_ALL ? 3_600_000 : 240_000;

export async function killAtEachStep(workshop: Workshop, scenario: Scenario): Promise<void> {
  const points = await countPoints(workshop, scenario);
  expect(points.length).toBeGreaterThan(1);
  await inParallel(points, (point) => killAndRecover(workshop, scenario, point), 2);
}

/**
 * What is there after a step is what is there before the next, and a sync changes nothing that a kill leaves behind, so with
 * CRASH_ALL alone each is tried twice; but once a run is announced in its entry, a script starts. The recoveries take turns, so that each meets every kind of step.
 */
async function countPoints(workshop: Workshop, scenario: Scenario): Promise<Point[]> {
  const { command, recoveries } = scenario;
  const world = await prepared(workshop, scenario);
  const { steps, error } = await world.drive(command);
  const sampled = scenario.sampled && steps.length > FEW && !process.env.CRASH_ALL;
  expect(error).toBeUndefined();
  world.remove();
  return steps
    .flatMap(({ what, path }, index) =>
      (['before', 'after'] as const).map((when) => ({ step: index + 1, when, what: `${what} ${path}` })),
    )
    .filter(({ when, step }) => process.env.CRASH_ALL || when === 'before' || step === steps.length)
    .filter(({ when, step }) => process.env.CRASH_ALL || when === 'after' || leavesAnother(steps[step - 1]))
    .filter((_, index) => !sampled || index % 2 === 0)
    .flatMap((point, index) =>
      recoveries
        .filter((_, turn) => process.env.CRASH_ALL || turn === index % recoveries.length)
        .map((recovery) => ({ ...point, recovery })),
    );
}

const leavesAnother = (step?: Step) => step?.what !== 'sync' || /\/journal\/(?!tmp\.)[^/]+$/.test(step.path);

async function killAndRecover(workshop: Workshop, scenario: Scenario, point: Point) {
  const { command, quarantined = false, enabled = true } = scenario;
  const { step, when, what, recovery } = point;
  const where = `killed ${when} step ${step} (${what}), then ${recovery.map((word) => JSON.stringify(word)).join(' ')}`;
  const world = await prepared(workshop, scenario);
  const free = freeNow(scenario, world);
  const killed = await world.drive(command, { kill: { step, when } });
  expect(killed.signal, where).toBe('SIGKILL');

  const { error } = await world.run(recovery);
  expect(error?.ours ?? true, `${where}: ${error?.message}`).toBe(true);
  expect([...EXPECTED, ...(scenario.says ?? [])], `${where}: ${error?.message}`).toContain(error?.code);
  expect(brokenPromises(world, undefined, free), where).toEqual([]);
  if (!quarantined && !scenario.partly?.includes(recovery[0])) {
    if (error === undefined) expect(leftovers(world), where).toEqual([]);
    expect(readFacts(world).entries, where).toEqual([]);
    expect(await findings(world, free), where).toEqual([]);
  }

  if (recovery[0] === 'disable' && command[0] !== 'disable') await world.run(['enable', recovery[1]]);
  free.push(...freeNow(scenario, world));
  const again = await world.run(command);
  expect([...EXPECTED, ...(scenario.says ?? [])], `${where}, again: ${again.error?.message}`).toContain(
    again.error?.code,
  );
  if (quarantined) await settleForGood(world, command, where);
  const facts = readFacts(world);
  if (again.error === undefined && !scenario.uncounted?.includes(recovery[0])) {
    const { ledger, lines, trash } = facts;
    const expected = { trash: 0, ...scenario.left };
    expect({ ledger: ledger.size, lines: lines.length, trash: trash.length }, where).toEqual(expected);
    const addon = command[0] === 'enable' || command[0] === 'disable' ? command[1] : scenarioAddon(command);
    expect((await world.platform.info(addon)).enabled, where).toBe(enabled);
    scenario.atEnd?.(facts, where);
  }
  expect(facts.entries, where).toEqual([]);
  expect(brokenPromises(world, undefined, free), where).toEqual([]);
  expect(leftovers(world), where).toEqual([]);
  world.remove();
}

const freeNow = ({ free }: Scenario, world: World): string[] => free?.(readFacts(world)) ?? [];

/** What was killed before its script started is a matter for a person once more. */
async function settleForGood(world: World, command: Command, where: string) {
  expect((await world.run(['check --fix'])).error, where).toBeUndefined();
  if (readFacts(world).entries.length > 0) expect((await world.run(command)).error, where).toBeUndefined();
}

async function prepared(workshop: Workshop, { found = [], before, arrange }: Scenario): Promise<World> {
  const world = workshop.makeWorld();
  for (const id of found) world.make('db', id);
  await world.prepare(before);
  await arrange?.(world);
  return world;
}

const scenarioAddon = (command: Command) => (command[0] === 'add' ? command[2] : 'db');

/** What a command may say when the operation before it turned out not to have happened, or to have. */
const EXPECTED: unknown[] = [undefined, 'resource-not-found', 'not-enabled', 'in-use'];
