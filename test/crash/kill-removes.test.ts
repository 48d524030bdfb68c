import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Command } from './driver.ts';
import type { Facts } from './facts.ts';
import { killAtEachStep, PATIENCE, type Scenario } from './killing.ts';
import { openWorkshop, type Workshop } from './world.ts';

const ENABLED: Command[] = [['enable', 'db']];
const ADDED: Command[] = [...ENABLED, ['add', 'shop', 'db'], ['release', 'shop']];
const NAMED: Command[] = [...ENABLED, ['add', 'shop', 'db', { env: 'DATABASE_URL' }], ['release', 'shop']];
const TO_TRASH: Command = ['remove', 'shop', 'db', { keepFor: 3600 }];
const TRASHED: Command[] = [...NAMED, TO_TRASH];
const KEPT_ONE: Command[] = [...ENABLED, ['adopt', 'shop', 'db', 'manual', { keep: true }], ['release', 'shop']];

const lineIds = ({ lines }: Facts) => lines.map(({ id }) => id);

const SCENARIOS: Scenario[] = [
  {
    name: 'remove --forget',
    before: ADDED,
    command: ['remove', 'shop', 'db', { forget: true }],
    recoveries: [
      ['remove', 'shop', 'db', { forget: true }],
      ['release', 'shop'],
      ['check --fix'],
      ['add', 'shop', 'db'],
    ],
    free: lineIds,
    left: { ledger: 1, lines: 0 },
    uncounted: ['add'],
  },
  {
    name: 'remove of one that is marked as kept',
    found: ['manual'],
    before: KEPT_ONE,
    command: ['remove', 'shop', 'db'],
    recoveries: [
      ['remove', 'shop', 'db'],
      ['disable', 'db', 'force'],
      ['release', 'shop'],
      ['delete', 'shop'],
      ['check --fix'],
    ],
    left: { ledger: 1, lines: 0 },
  },
  {
    name: 'remove --keep-for, with an extra variable name',
    before: NAMED,
    command: TO_TRASH,
    recoveries: [TO_TRASH, ['undo', 'shop', 'db'], ['release', 'shop'], ['check --fix'], ['add', 'shop', 'db']],
    left: { ledger: 1, lines: 0, trash: 1 },
    uncounted: ['add'],
  },
  {
    name: 'undo',
    before: TRASHED,
    command: ['undo', 'shop', 'db'],
    recoveries: [
      ['undo', 'shop', 'db'],
      ['release', 'shop'],
      ['trash --empty'],
      ['check --fix'],
      ['remove', 'shop', 'db'],
    ],
    partly: ['trash --empty', 'release'],
    left: { ledger: 1, lines: 1 },
  },
  {
    name: 'undo for an app that was deleted and made again',
    before: TRASHED,
    arrange: (world) => world.makeAgain('shop'),
    command: ['undo', 'shop', 'db'],
    recoveries: [
      ['trash --empty'],
      ['undo', 'shop', 'db'],
      ['check --fix'],
      ['disable', 'db', 'force'],
      ['release', 'shop'],
    ],
    partly: ['trash --empty', 'release'],
    left: { ledger: 1, lines: 1 },
  },
  {
    name: 'trash --empty of two',
    before: [...TRASHED, ['add', 'blog', 'db'], ['remove', 'blog', 'db', { keepFor: 3600 }]],
    command: ['trash --empty'],
    recoveries: [
      ['trash --empty'],
      ['undo', 'shop', 'db'],
      ['release', 'shop'],
      ['disable', 'db', 'force'],
      ['check --fix'],
    ],
    partly: ['trash --empty', 'release', 'undo'],
    left: { ledger: 0, lines: 0 },
    uncounted: ['undo'],
  },
  {
    name: 'trash --empty of one that is marked as kept',
    found: ['manual'],
    before: [...KEPT_ONE, TO_TRASH],
    command: ['trash --empty'],
    recoveries: [['trash --empty'], ['undo', 'shop', 'db'], ['check --fix'], ['disable', 'db', 'force']],
    partly: ['trash --empty'],
    left: { ledger: 1, lines: 0 },
    uncounted: ['undo'],
  },
  {
    name: 'disable --force, with trash and one that is marked as kept',
    found: ['manual'],
    before: [...TRASHED, ['adopt', 'blog', 'db', 'manual', { keep: true }]],
    command: ['disable', 'db', 'force'],
    recoveries: [['disable', 'db', 'force'], ['check --fix'], ['enable', 'db']],
    partly: ['enable'],
    left: { ledger: 1, lines: 0 },
    enabled: false,
  },
];

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
