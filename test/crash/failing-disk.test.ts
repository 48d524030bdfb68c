import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command, Job } from './driver.ts';
import { type Facts, readFacts } from './facts.ts';
import { brokenPromises, KEPT, verdict } from './oracle.ts';
import { inParallel, openWorkshop, type Workshop } from './world.ts';

const ADDED: Command[] = [
  ['enable', 'db'],
  ['add', 'shop', 'db'],
  ['release', 'shop'],
];

const TO_TRASH: Command = ['remove', 'shop', 'db', { keepFor: 60 }];
const ADOPT: Command = ['adopt', 'shop', 'db', 'manual', { keep: true, env: 'DATABASE_URL' }];

interface Case {
  name: string;
  before: Command[];
  command: Command;
  /** Resources, lines and trash records in the end. */
  left: [ledger: number, lines: number, trash: number];
  /** Nobody's, before it has a line or after it was forgotten. */
  free?: (facts: Facts) => string[];
}

const CASES: Case[] = [
  { name: 'enable', before: [], command: ['enable', 'db'], left: [0, 0, 0] },
  { name: 'add', before: [['enable', 'db']], command: ['add', 'shop', 'db'], left: [1, 1, 0] },
  { name: 'remove', before: ADDED, command: ['remove', 'shop', 'db'], left: [0, 0, 0] },
  { name: 'disable', before: [['enable', 'db']], command: ['disable', 'db'], left: [0, 0, 0] },
  {
    name: 'remove --forget',
    before: ADDED,
    command: ['remove', 'shop', 'db', { forget: true }],
    left: [1, 0, 0],
    free: ({ lines }) => lines.map(({ id }) => id),
  },
  { name: 'remove --keep-for', before: ADDED, command: TO_TRASH, left: [1, 0, 1] },
  { name: 'undo', before: [...ADDED, TO_TRASH], command: ['undo', 'shop', 'db'], left: [1, 1, 0] },
  { name: 'trash --empty', before: [...ADDED, TO_TRASH], command: ['trash --empty'], left: [0, 0, 0] },
  {
    name: 'rename into a directory that is there',
    before: ADDED,
    command: ['rename', 'shop', 'blog'],
    left: [1, 1, 0],
  },
  { name: 'rotate', before: ADDED, command: ['rotate', 'shop', 'db'], left: [1, 1, 0] },
  { name: 'adopt', before: [['enable', 'db']], command: ADOPT, left: [1, 1, 0], free: () => ['manual'] },
];

const FAILURES: { code: 'ENOSPC' | 'EIO'; rest: boolean }[] = [
  { code: 'ENOSPC', rest: false },
  { code: 'EIO', rest: true },
];

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.remove());

describe.concurrent('a disk that fails at any step, once or for good, loses nothing of', () => {
  it.each(CASES)('$name', { timeout: 240_000 }, async (one) => {
    const { world } = await prepared(one);
    const counted = await world.drive(one.command);
    const failures = counted.steps.flatMap(({ what }, index) =>
      FAILURES.filter((_, turn) => process.env.CRASH_ALL || turn === index % FAILURES.length).map((failure) => ({
        what,
        fail: { step: index + 1, ...failure },
      })),
    );
    await inParallel(failures, (failure) => failAndRepeat(one, failure), 2);
  });
});

async function prepared({ command, before, free }: Case) {
  const world = workshop.makeWorld();
  if (command === ADOPT) world.make('db', 'manual');
  await world.prepare(before);
  return { world, nobodys: free?.(readFacts(world)) ?? [] };
}

async function failAndRepeat(one: Case, { what, fail }: { what: string; fail: NonNullable<Job['fail']> }) {
  const { command, left } = one;
  const where = `${fail.code} at step ${fail.step} (${what})${fail.rest ? ' and after' : ''}`;
  const { world, nobodys } = await prepared(one);
  const failed = await world.drive(command, { fail });
  if (failed.error) {
    const code = fail.code === 'ENOSPC' ? 'disk-full' : 'io';
    expect(failed.error, where).toMatchObject({ ours: true, code, message: expect.stringMatching(/^Cannot use \//) });
    expect(failed.error.hint, where).toBeDefined();
  }
  expect(brokenPromises(world, undefined, nobodys), where).toEqual([]);
  const again = await world.run(command);
  expect([undefined, 'resource-not-found'], `${where}: ${again.error?.message}`).toContain(again.error?.code);
  expect(await verdict(world, nobodys), where).toEqual(KEPT);
  const { ledger, lines, entries, trash } = readFacts(world);
  expect([ledger.size, lines.length, trash.length, entries], where).toEqual([...left, []]);
  world.remove();
}
