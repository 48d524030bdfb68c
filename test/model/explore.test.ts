import { expect, test } from 'vitest';
import { explore } from './explore.ts';
import { differingIn } from './protocol.ts';
import { scenarioNamed } from './scenarios.ts';
import type { Scenario } from './setting.ts';

test('processes that wait for each other for ever are a deadlock', () => {
  const { violation } = explore({
    name: 'each waits for the death of the other',
    run: [
      ['recoverOne', 'p1'],
      ['recoverOne', 'p0'],
    ],
    crashes: 0,
  });
  expect(violation?.why).toBe('I6 deadlock');
});

test('an operation that nothing disturbs leaves its line and no entry', () => {
  const { states, violation } = explore({ name: 'add alone', run: [['add', 'a', 'db']], crashes: 0 });
  expect(violation).toBeUndefined();
  expect(states).toBeGreaterThan(10);
  expect(states).toBeLessThan(30);
});

test('the trace is the shortest way to the violation, step by step', () => {
  const { violation } = explore(scenarioNamed('script killed: add'), differingIn('signalIsFailure'));
  const trace = violation?.trace ?? [];
  const provisioned = trace.findIndex((label) => label.startsWith('w:p0:1 script provision'));
  const killed = trace.indexOf('KILL only the script of w:p0:1');
  expect(trace[0]).toBe('p0 lock a, read ADDONS and journal');
  expect(provisioned).toBeGreaterThan(0);
  expect(killed).toBeGreaterThan(provisioned);
  expect(trace.at(-1)).toBe('end');
});

test('twins are explored once and not twice, with the same result', () => {
  const pair: Scenario = { ...scenarioNamed('remove x2'), crashes: 1 };
  const once = explore({ ...pair, twins: true });
  const twice = explore({ ...pair, twins: false });
  expect(once.violation).toBeUndefined();
  expect(twice.violation).toBeUndefined();
  expect(once.states).toBeLessThan(twice.states * 0.6);
});
