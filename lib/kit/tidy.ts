import { setMaxListeners } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { send } from '../scripts/processes.ts';
import { containers, removeContained } from './containers.ts';
import { controlDaemons } from './daemons.ts';
import { processesBelow, stillWorking } from './leftovers.ts';
import { listedNow } from './resources.ts';
import { runOnce } from './run-script.ts';
import type { Trial } from './trial.ts';

/**
 * Takes away everything that the test made, first by the add-on's own scripts, then without them.
 *
 * @returns what could not be removed, a noun each
 */
export async function tidy(trial: Trial): Promise<string[]> {
  const hasRun = trial.passed.has('installable'); // no script runs before that
  trial.tell('tidying up');
  // Whoever interrupted the test wants it gone all the same.
  if (trial.enabled) await byItsScripts(Object.create(trial, { signal: { value: undefined } }));
  const left = hasRun ? await byForce(trial).catch(() => []) : [];
  return [...left, ...removeHome(trial)];
}

async function byItsScripts(trial: Trial): Promise<void> {
  await takeFromApps(trial).catch(() => {});
  const listed = await listedNow(trial, patiently()).catch(() => []);
  for (const id of new Set([...trial.made.keys(), ...listed])) {
    const ended = await runOnce(trial, 'unprovision', [id], patiently()).catch(() => undefined);
    if (ended?.exit === null) break; // one that hangs will hang for all
  }
  await controlDaemons(trial, 'stop').catch(() => {});
  await runOnce(trial, 'disable', [], patiently()).catch(() => {});
}

/** What the check `concurrent` had under way. */
async function takeFromApps({ addons, name, options: { timeout = PATIENCE } }: Trial): Promise<void> {
  const options = { ...patiently(), timeout: Math.min(timeout, PATIENCE), wait: PATIENCE };
  await Promise.allSettled((await addons.apps()).map((app) => addons.remove(app, name, options)));
}

const PATIENCE = 60; // seconds

function patiently(): { signal: AbortSignal } {
  const signal = AbortSignal.timeout(PATIENCE * 1000);
  setMaxListeners(0, signal);
  return { signal };
}

async function byForce(trial: Trial): Promise<string[]> {
  if ((await stillWorking(trial)).length === 0) return [];
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (let waited = 0; waited < GRACE; waited += LOOK_EVERY) {
      const running = processesBelow(trial).filter(({ isOwn }) => isOwn);
      if (running.length === 0) break;
      if (waited === 0) for (const { pid } of running) send(signal, pid);
      await delay(LOOK_EVERY);
    }
  }
  await removeContained(trial, await containers(trial));
  return stillWorking(trial);
}

const GRACE = 3000; // ms
const LOOK_EVERY = 50; // ms

function removeHome({ home }: Trial): string[] {
  try {
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // Another user's file, or a mount: told below.
  }
  return existsSync(home) ? [home] : [];
}
