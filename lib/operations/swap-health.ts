import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { AddonsError } from '../errors.ts';
import { loadAddon, withRoot } from '../scripts/addon.ts';
import { hasScript } from '../scripts/locate.ts';
import type { Supervisor } from '../services/supervisor.ts';
import { readUnits } from '../services/unit-files.ts';
import type { Operation } from '../state/journal.ts';
import type { Context } from './context.ts';
import { runPlain } from './plain-script.ts';

type Swap = NonNullable<Operation['swap']>;

/**
 * Resolves once the new version of an add-on that is beside the old one is healthy. Its `health` is asked again until it says so,
 * as long as one run of it may take; without such a script its daemons must run for a while.
 *
 * @throws {AddonsError} why it is not, with the last answer
 */
export async function awaitHealth(
  context: Context,
  name: string,
  { root, set }: Swap,
  supervisor: Supervisor | undefined,
): Promise<void> {
  const { platform } = context.store;
  const addon = loadAddon(withRoot(platform, name, root), name, context.scripts, context.timeout);
  if (!hasScript(root, 'health')) return supervisor && awaitStanding(context, name, { root, set }, supervisor);
  context.tell({ type: 'step', message: `Asking the health of the new ${name}` });
  const probed = {
    ...addon,
    // It finds the sockets of its own daemons, and not those in force.
    environment: (options = {}) => addon.environment({ ...options, sockets: platform.sockets(name, set) }),
  };
  const end = performance.now() + addon.timeout('health');
  for (;;) {
    const nowhere = openSync(devNull, 'w');
    try {
      await runPlain(context, { addon: probed, script: 'health', args: [], stdout: nowhere, secrets: [] });
      return;
    } catch (error) {
      if (!(error instanceof AddonsError) || error.code === 'aborted') throw error;
      if (performance.now() + BETWEEN >= end) throw unhealthy(name, error);
    } finally {
      closeSync(nowhere);
    }
    await sleep(BETWEEN);
  }
}

/** Milliseconds. */
const BETWEEN = 200;
const STANDING = 2000;

/** One that ends at once is started again and again: its process must be the same all the time. */
async function awaitStanding(context: Context, name: string, { set }: Swap, supervisor: Supervisor): Promise<void> {
  const units = readUnits(context.store.platform, name).filter((unit) => unit.set === set);
  const before = await supervisor.states(units);
  await sleep(STANDING, undefined, { signal: context.signal }).catch(() => {
    throw new AddonsError('aborted', 'Interrupted while waiting for the new daemons.');
  });
  const after = await supervisor.states(units);
  const fallen = after.find(({ state, pid }, at) => state !== 'running' || pid !== before[at]?.pid);
  if (fallen) throw unhealthy(name, new AddonsError('io', `Its daemon ${fallen.unit.daemon} does not stay.`));
}

const unhealthy = (name: string, why: AddonsError) =>
  new AddonsError(
    why.code,
    `The new ${name} is not healthy, and was taken back; the version before was never stopped. ${why.message}`,
    { hint: `See what its daemons wrote: addons logs ${name}`, details: why.details, cause: why },
  );
