import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Command } from './driver.ts';
import { killAtEachStep, PATIENCE, type Scenario } from './killing.ts';
import { openWorkshop, type Workshop } from './world.ts';

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
    left: { ledger: 0, lines: 0 },
    uncounted: ['add'],
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
    left: { ledger: 0, lines: 0 },
    enabled: false,
  },
  {
    name: 'disable --force of an add-on in use',
    before: ADDED,
    command: ['disable', 'db', 'force'],
    recoveries: [['disable', 'db', 'force']],
    left: { ledger: 0, lines: 0 },
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
    left: { ledger: 1, lines: 1 },
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
    left: { ledger: 1, lines: 1 },
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
    left: { ledger: 0, lines: 0 },
  },
  {
    name: 'delete of an app with two resources',
    before: [...ADDED, ['enable', 'plain'], ['add', 'shop', 'plain'], ['release', 'shop']],
    command: ['delete', 'shop'],
    recoveries: [['delete', 'shop']],
    left: { ledger: 0, lines: 0 },
  },
  {
    name: 'release',
    before: [...ENABLED, ['add', 'shop', 'db']],
    command: ['release', 'shop'],
    recoveries: [
      ['release', 'shop'],
      ['remove', 'shop', 'db'],
    ],
    left: { ledger: 1, lines: 1 },
    uncounted: ['remove'],
  },
];

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.remove());

describe.concurrent('killed before and after every durable step, nothing is lost by', () => {
  it.each(SCENARIOS)('$name', { timeout: PATIENCE }, (scenario) => killAtEachStep(workshop, scenario));
});
