import { existsSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { send } from '../scripts/processes.ts';
import { containers, removeContained } from './containers.ts';
import { leftovers, processesBelow } from './leftovers.ts';
import { listedNow } from './resources.ts';
import { runOnce } from './run-script.ts';
import type { Trial } from './trial.ts';

/**
 * Takes away everything that the test made, first by the add-on's own scripts, then without them.
 *
 * @returns what could not be removed, a noun each
 */
export async function tidy(trial: Trial): Promise<string[]> {
  // Whoever interrupted the test wants it gone all the same.
  const patient: Trial = Object.create(trial, { signal: { value: undefined } });
  const hasRun = trial.passed.has('descriptor'); // no script runs before that
  if (trial.enabled) await byItsScripts(patient);
  if (hasRun) await byForce(patient);
  return [...(hasRun ? await whatIsLeft(patient) : []), ...removeHome(trial)];
}

async function byItsScripts(trial: Trial): Promise<void> {
  trial.tell('tidying up');
  const listed = await listedNow(trial).catch(() => []);
  for (const id of new Set([...trial.made.keys(), ...listed]))
    await runOnce(trial, 'unprovision', [id]).catch(() => {});
  await runOnce(trial, 'disable', []).catch(() => {});
}

async function byForce(trial: Trial): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (let waited = 0; waited < GRACE; waited += LOOK_EVERY) {
      const running = processesBelow(trial).filter(({ isOwn }) => isOwn);
      if (running.length === 0) break;
      if (waited === 0) for (const { pid } of running) send(signal, pid);
      await delay(LOOK_EVERY);
    }
  }
  await removeContained(trial, await containers(trial)).catch(() => {});
}

const GRACE = 3000; // ms
const LOOK_EVERY = 50; // ms

/** Files go with the home. */
const whatIsLeft = async (trial: Trial): Promise<string[]> =>
  (await leftovers(trial, 0).catch(() => [])).filter((one) => !one.startsWith('$ADDON_DATA/'));

function removeHome({ home }: Trial): string[] {
  try {
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // Another user's file, or a mount: told below.
  }
  return existsSync(home) ? [home] : [];
}
