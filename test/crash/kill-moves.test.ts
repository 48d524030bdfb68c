import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command } from './driver.ts';
import type { Facts } from './facts.ts';
import { killAtEachStep, PATIENCE, type Scenario } from './killing.ts';
import { openWorkshop, type Workshop } from './world.ts';

const BOTH: Command[] = [
  ['enable', 'db'],
  ['enable', 'plain'],
  ['add', 'shop', 'db', { env: 'DATABASE_URL' }],
  ['add', 'shop', 'plain'],
  ['release', 'shop'],
];

const WITH_TRASH: Command[] = [
  ['enable', 'db'],
  ['add', 'shop', 'db'],
  ['remove', 'shop', 'db', { keepFor: 3600 }],
  ...BOTH.slice(1),
];

const SCENARIOS: Scenario[] = [
  {
    name: 'rename, where both directories exist',
    before: WITH_TRASH,
    command: ['rename', 'shop', 'blog'],
    recoveries: [
      ['rename', 'shop', 'blog'],
      ['release', 'blog'],
      ['release', 'shop'],
      ['check --fix'],
      ['remove', 'shop', 'db', { keepFor: 60 }],
    ],
    left: { ledger: 3, lines: 2, trash: 1 },
    partly: ['release', 'remove'],
    uncounted: ['remove'],
    atEnd: ({ lines, trash }, where) =>
      expect([...lines.map(({ app }) => app), ...trash.map(({ app }) => app.name)], where).not.toContain('shop'),
  },
  {
    name: 'rename of the directory',
    before: WITH_TRASH,
    command: ['rename', 'shop', 'store'],
    recoveries: [['rename', 'shop', 'store'], ['check --fix']],
    left: { ledger: 3, lines: 2, trash: 1 },
  },
  {
    name: 'clone --with-data of two add-ons',
    before: BOTH,
    command: ['clone', 'shop', 'copy', 'data'],
    recoveries: [['clone', 'shop', 'copy', 'data'], ['check --fix'], ['release', 'copy'], ['delete', 'copy']],
    left: { ledger: 4, lines: 4 },
    atEnd: isCopied,
  },
];

/** What the copy holds came from the original, whole. */
function isCopied({ lines, ledger }: Facts, where: string) {
  for (const { addon, id } of lines.filter(({ app }) => app === 'copy')) {
    const source = lines.find((line) => line.app === 'shop' && line.addon === addon);
    expect(ledger.get(id)?.data, where).toBe(`data of ${source?.id}\nwhole\n`);
  }
}

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.remove());

describe.concurrent('killed at durable steps, nothing is lost by', () => {
  it.each(SCENARIOS)('$name', { timeout: PATIENCE }, (scenario) =>
    killAtEachStep(workshop, { sampled: true, ...scenario }),
  );
});
