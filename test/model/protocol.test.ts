import { describe, expect, test } from 'vitest';
import { explore } from './explore.ts';
import { SCENARIOS } from './scenarios.ts';

/** A little below what is reached today: fewer means that something is no longer explored. */
const ENOUGH = 350_000;

let total = 0;

describe('no invariant is violated:', () => {
  for (const scenario of SCENARIOS) {
    test(scenario.name, () => {
      const { states, violation } = explore(scenario);
      total += states;
      expect(violation, violation && `${violation.why}\n${violation.trace.join('\n')}`).toBeUndefined();
    });
  }
});

test('the exploration is as large as it should be', () => {
  console.info(`The model: ${SCENARIOS.length} scenarios, ${total} states.`);
  expect(total).toBeGreaterThan(ENOUGH);
});
