import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command } from './driver.ts';
import { KEPT, readFacts, verdict } from './oracle.ts';
import { inParallel, openWorkshop, type Workshop } from './world.ts';

/** Who dies at a point of a script; `script` lives on where it is not named. */
const DEATHS = ['manager', 'manager group', 'manager wrapper', 'wrapper', 'group', 'script'];

interface Case {
  addon: 'db' | 'plain';
  before: Command[];
  command: Command;
  points: string[];
}

const CASES: Case[] = (['db', 'plain'] as const).flatMap((addon): Case[] => [
  {
    addon,
    before: [['enable', addon]],
    command: ['add', 'shop', addon],
    points: ['provision-start', 'provision-made', 'provision-half-printed', 'provision-printed'],
  },
  {
    addon,
    before: [
      ['enable', addon],
      ['add', 'shop', addon],
      ['release', 'shop'],
    ],
    command: ['remove', 'shop', addon],
    points: ['unprovision-start', 'unprovision-gone'],
  },
]);
CASES.push(
  { addon: 'db', before: [], command: ['enable', 'db'], points: ['enable-start', 'enable-end'] },
  { addon: 'db', before: [['enable', 'db']], command: ['disable', 'db'], points: ['disable-start', 'disable-end'] },
);

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.remove());

describe.concurrent('whoever dies while the script runs, nothing is lost by', () => {
  it.each(CASES.map((one) => ({ ...one, name: one.command.join(' ') })))('$name', { timeout: 240_000 }, async (one) => {
    const deaths = one.points.flatMap((point) => DEATHS.map((dies) => ({ point, dies })));
    await inParallel(deaths, (death) => dieAndRecover(one, death), 2);
  });
});

async function dieAndRecover({ addon, before, command }: Case, { point, dies }: { point: string; dies: string }) {
  const where = `${dies} died at ${point}`;
  const world = await workshop.makeWorld().prepare(before);
  world.atPoint(addon, point, dies);
  const first = await world.drive(command, { announce: world.announce(addon) });
  expect(first.signal, where).toBe(dies.includes('manager') ? 'SIGKILL' : null);
  expect(first.error?.ours ?? true, `${where}: ${first.error?.message}`).toBe(true);

  const second = await world.run(command);
  const { ledger, lines, entries } = readFacts(world);
  if (entries.length > 0) {
    // Only a provision that died without a word and cannot be run again needs a person.
    expect([addon, command[0], second.error?.code], where).toEqual(['plain', 'add', 'quarantined']);
    const { found, ...rest } = await verdict(world);
    expect(rest, where).toMatchObject({ broken: [], leftovers: [] });
    // Nobody can say whether the orphan is that operation's, so check shows both.
    expect(found, where).toEqual(ledger.size > 0 ? ['quarantined', 'orphan'] : ['quarantined']);
    expect(point, where).not.toBe('provision-printed');
  } else {
    expect([undefined, 'resource-not-found'], `${where}: ${second.error?.message}`).toContain(second.error?.code);
    const left = command[0] === 'add' ? 1 : 0;
    expect([ledger.size, lines.length], where).toEqual([left, left]);
    expect(await verdict(world), where).toEqual(KEPT);
  }
  world.remove();
}
