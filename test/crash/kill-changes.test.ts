import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command } from './driver.ts';
import { killAtEachStep, PATIENCE, type Scenario } from './killing.ts';
import { openWorkshop, type Workshop, type World } from './world.ts';

const ENABLED: Command[] = [['enable', 'db']];
const ADDED: Command[] = [...ENABLED, ['add', 'shop', 'db'], ['release', 'shop']];
const ADOPT: Command = ['adopt', 'shop', 'db', 'manual', { keep: true, env: 'DATABASE_URL' }];

/** Its `provision` made something and said nonsense. */
async function quarantine(world: World) {
  world.atPoint('db', 'provision-made', 'garbage');
  expect((await world.run(['add', 'shop', 'db'])).error?.code).toBe('quarantined');
}

const SCENARIOS: Scenario[] = [
  {
    name: 'rotate',
    before: ADDED,
    command: ['rotate', 'shop', 'db'],
    recoveries: [
      ['rotate', 'shop', 'db'],
      ['release', 'shop'],
      ['remove', 'shop', 'db', { keepFor: 60 }],
      ['check --fix'],
      ['rename', 'shop', 'blog'],
    ],
    left: { ledger: 1, lines: 1 },
  },
  {
    name: 'adopt --keep --env',
    found: ['manual'],
    before: ENABLED,
    command: ADOPT,
    recoveries: [ADOPT, ['release', 'shop'], ['adopt', 'blog', 'db', 'manual'], ['check --fix'], ['delete', 'shop']],
    free: () => ['manual'],
    partly: ['adopt'],
    says: ['conflict'],
    left: { ledger: 1, lines: 1 },
  },
  {
    name: 'add --env',
    before: ENABLED,
    command: ['add', 'shop', 'db', { env: 'DATABASE_URL' }],
    recoveries: [
      ['add', 'shop', 'db', { env: 'DATABASE_URL' }],
      ['release', 'shop'],
      ['remove', 'shop', 'db'],
      ['check --fix'],
    ],
    left: { ledger: 1, lines: 1 },
  },
  {
    name: 'add --env for what is there',
    before: ADDED,
    command: ['add', 'shop', 'db', { env: 'DATABASE_URL' }],
    recoveries: [['release', 'shop'], ['remove', 'shop', 'db', { env: 'DATABASE_URL' }], ['check --fix']],
    left: { ledger: 1, lines: 1 },
  },
  {
    name: 'remove --env',
    before: [...ENABLED, ['add', 'shop', 'db', { env: 'DATABASE_URL' }], ['release', 'shop']],
    command: ['remove', 'shop', 'db', { env: 'DATABASE_URL' }],
    recoveries: [['remove', 'shop', 'db', { env: 'DATABASE_URL' }], ['release', 'shop'], ['check --fix']],
    left: { ledger: 1, lines: 1 },
  },
  ...(['retry', 'adopt', 'discard'] as const).map(
    (how): Scenario => ({
      name: `resolve --${how}`,
      before: ENABLED,
      arrange: quarantine,
      command: ['resolve', how],
      recoveries: [['resolve', how], ['release', 'shop'], ['check --fix']],
      quarantined: true,
      says: ['conflict'],
      ...(how === 'discard' && { free: ({ ledger }) => [...ledger.keys()] }),
      left: { ledger: 1, lines: how === 'discard' ? 0 : 1 },
    }),
  ),
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
