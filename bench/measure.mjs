import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * Runs the contenders in turn, A B C A B C …, and gives each one's median in milliseconds.
 * What a machine does beside us then hits all of them alike.
 */
export async function inTurn(rounds, contenders, beforeEach = () => {}) {
  const times = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      await beforeEach(name);
      const began = performance.now();
      await run();
      if (round >= 0) times[name].push(performance.now() - began);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]));
}

export function command(program, args, options = {}) {
  const { status, stderr } = spawnSync(program, args, { stdio: ['pipe', 'ignore', 'pipe'], ...options });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${status} ${stderr}`);
}
