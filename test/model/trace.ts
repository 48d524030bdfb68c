import { parseArgs } from 'node:util';
import { CHANGES, type Mend, type Mutant } from './changes.ts';
import { explore } from './explore.ts';
import { AS_BUILT, differingIn, type Protocol } from './protocol.ts';
import { SCENARIOS, scenarioNamed } from './scenarios.ts';
import type { Scenario } from './setting.ts';

// The model by hand: explores scenarios and shows how a violation comes about. See README.md.

const { values } = parseArgs({ options: { scenario: { type: 'string' }, change: { type: 'string' } } });
const change = values.change === undefined ? undefined : named(values.change);
const protocol: Protocol = change ? differingIn(change) : AS_BUILT;

for (const scenario of chosen()) {
  const began = performance.now();
  const { states, violation } = explore(scenario, protocol);
  const ms = Math.round(performance.now() - began);
  console.log(`${violation ? 'FAIL' : 'ok  '} ${scenario.name.padEnd(44)} ${states} states, ${ms} ms`);
  if (!violation) continue;
  console.log(`     ${violation.why}\n       ${violation.trace.join('\n       ')}`);
  process.exitCode = 1;
}

function chosen(): Scenario[] {
  const { scenario } = values;
  if (scenario !== undefined) {
    const matching = SCENARIOS.filter(({ name }) => name.includes(scenario));
    return matching.length ? matching : [scenarioNamed(scenario)];
  }
  return change ? [scenarioNamed(CHANGES[change].scenario)] : SCENARIOS;
}

function named(word: string): Mend | Mutant {
  const found = Object.entries(CHANGES).find(([name]) => name === word);
  if (!found) throw new Error(`There is no mend or mutant "${word}".`);
  // A name found among them is one of them, which Object.entries cannot tell.
  return found[0] as Mend | Mutant;
}
