import { describe, expect, test } from 'vitest';
import { explore } from './explore.ts';
import type { Scenario } from './setting.ts';

/**
 * Explores each scenario as a test of its own.
 *
 * @param enough a little below the number of states that are reached today: fewer means that something is no longer explored
 */
export function testSoundness(scenarios: Scenario[], enough: number): void {
  let total = 0;

  describe('no invariant is violated:', () => {
    for (const scenario of scenarios) {
      test(scenario.name, () => {
        const { states, violation } = explore(scenario);
        total += states;
        expect(violation, violation && `${violation.why}\n${violation.trace.join('\n')}`).toBeUndefined();
      });
    }
  });

  test('the exploration is as large as it should be', () => {
    console.info(`The model: ${scenarios.length} scenarios, ${total} states.`);
    expect(total).toBeGreaterThan(enough);
  });
}
