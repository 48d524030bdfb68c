import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command, Job } from './driver.ts';
import { brokenPromises, KEPT, readFacts, verdict } from './oracle.ts';
import { inParallel, openWorkshop, type Workshop } from './world.ts';

const ADDED: Command[] = [
  ['enable', 'db'],
  ['add', 'shop', 'db'],
  ['release', 'shop'],
];

const CASES: { name: string; before: Command[]; command: Command; left: number }[] = [
  { name: 'enable', before: [], command: ['enable', 'db'], left: 0 },
  { name: 'add', before: [['enable', 'db']], command: ['add', 'shop', 'db'], left: 1 },
  { name: 'remove', before: ADDED, command: ['remove', 'shop', 'db'], left: 0 },
  { name: 'disable', before: [['enable', 'db']], command: ['disable', 'db'], left: 0 },
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
  it.each(CASES)('$name', { timeout: 240_000 }, async ({ before, command, left }) => {
    const counted = await (await workshop.makeWorld().prepare(before)).drive(command);
    const failures = counted.steps.flatMap(({ what }, index) =>
      FAILURES.map((failure) => ({ what, fail: { step: index + 1, ...failure } })),
    );
    await inParallel(failures, (failure) => failAndRepeat(before, command, left, failure), 2);
  });
});

async function failAndRepeat(
  before: Command[],
  command: Command,
  left: number,
  { what, fail }: { what: string; fail: NonNullable<Job['fail']> },
) {
  const where = `${fail.code} at step ${fail.step} (${what})${fail.rest ? ' and after' : ''}`;
  const world = await workshop.makeWorld().prepare(before);
  const failed = await world.drive(command, { fail });
  if (failed.error) {
    const code = fail.code === 'ENOSPC' ? 'disk-full' : 'io';
    expect(failed.error, where).toMatchObject({ ours: true, code, message: expect.stringMatching(/^Cannot use \//) });
  }
  expect(brokenPromises(world), where).toEqual([]);
  const again = await world.run(command);
  expect([undefined, 'resource-not-found'], `${where}: ${again.error?.message}`).toContain(again.error?.code);
  expect(await verdict(world), where).toEqual(KEPT);
  const { ledger, lines, entries } = readFacts(world);
  expect([ledger.size, lines.length, entries.length], where).toEqual([left, left, 0]);
  world.remove();
}
