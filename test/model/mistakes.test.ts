import { describe, expect, test } from 'vitest';
import { CHANGES, MENDS, type Mend, MUTANTS, type Mutant } from './changes.ts';
import { explore } from './explore.ts';
import { differingIn } from './protocol.ts';
import { scenarioNamed } from './scenarios.ts';

// The keys of these tables are their names, which Object.keys cannot tell.
const mends = Object.keys(MENDS) as Mend[];
const mutants = Object.keys(MUTANTS) as Mutant[];

describe('without this the protocol fails:', () => {
  for (const mend of mends) test(titleOf(mend), () => expectCaught(mend));
});

describe('this mistake is caught:', () => {
  for (const mutant of mutants) test(titleOf(mutant), () => expectCaught(mutant));
});

test('there are twenty-two mends and thirty-one mutants', () => {
  expect([mends.length, mutants.length]).toEqual([22, 31]);
});

function titleOf(name: Mend | Mutant): string {
  return `${name}: ${CHANGES[name].what}`;
}

function expectCaught(name: Mend | Mutant): void {
  const { scenario, by } = CHANGES[name];
  const { violation } = explore(scenarioNamed(scenario), differingIn(name));
  expect(violation?.why).toMatch(new RegExp(`^${by}`));
}
