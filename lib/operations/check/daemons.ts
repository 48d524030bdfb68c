import { setTimeout as sleep } from 'node:timers/promises';
import { AddonsError } from '../../errors.ts';
import { realRoot } from '../../scripts/addon.ts';
import { type InstanceState, needSupervisor, type Supervisor } from '../../services/supervisor.ts';
import type { InstanceName } from '../../services/unit.ts';
import { readUnits, servedAddons, strayFiles } from '../../services/unit-files.ts';
import { readJournal } from '../../state/journal.ts';
import { isEnabled } from '../../state/markers.ts';
import { installedDescriptor, installedNames } from '../addons.ts';
import type { Context } from '../context.ts';
import { wantedOf } from '../daemon-set.ts';
import { setInForce } from '../keep-daemons.ts';
import type { Finding } from '../results.ts';

/** Daemons that are not as they are declared, or do not run. What an operation under way does to them is its matter. */
export async function checkDaemons(context: Context): Promise<Finding[]> {
  const { platform } = context.store;
  const names = new Set([...installedNames(platform), ...servedAddons(platform)]);
  const found = await Promise.all([...names].sort().map((name) => checkOne(context, name)));
  return found.flat();
}

async function checkOne(context: Context, name: string): Promise<Finding[]> {
  const { store, scripts } = context;
  const { platform } = store;
  try {
    if (readJournal(store).some(({ operation }) => !operation.app && operation.addon === name)) return [];
    const isOn = isEnabled(store, name);
    // What runs for directories is the scripts' matter until then.
    const present = readUnits(platform, name).filter(({ each }) => isOn || each === undefined);
    if (!isOn) return present.length > 0 ? [drift(name, `${name} is not enabled, and has daemons.`)] : [];
    if (present.length === 0 && Object.keys(installedDescriptor(context, name).daemons).length === 0) return [];
    const supervisor = needSupervisor(platform, scripts.scriptPath, name);
    const set = setInForce(present, realRoot(platform, name));
    const wanted = wantedOf(context, name, set, supervisor);
    const stale = present.filter((unit) => !wanted.some((one) => one.unit.directory === unit.directory));
    const stray = wanted.flatMap(({ files }) => strayFiles(files));
    const states = await supervisor.states(wanted.map(({ unit }) => unit));
    const down = states.filter(({ state }) => state === 'down');
    const falling = await fallingOf(states, supervisor);
    return [
      ...stale.map(({ daemon }) => drift(name, `The daemon ${daemon} of ${name} is declared no more.`)),
      ...stray.map(({ path }) => drift(name, `${path} is not as ${name} declares it.`, path)),
      ...down.map(({ unit, instance }) => isDown(name, unit.daemon, instance)),
      ...falling.map(({ unit, instance }) => endsAgain(name, unit.daemon, instance)),
    ];
  } catch (error) {
    if (!(error instanceof AddonsError)) throw error;
    if (error.code === 'malformed') return []; // the look at its files, or at the journal, tells
    return [{ ...isDown(name), message: error.message, ...(error.hint && { hint: error.hint }) }];
  }
}

/** Those that end again and again: of the ones that have just been started, who is another process a moment later. */
async function fallingOf(states: readonly InstanceState[], supervisor: Supervisor): Promise<InstanceState[]> {
  const young = states.filter(
    ({ state, since = '' }) => state === 'restarting' || Date.now() - Date.parse(since) < YOUNG,
  );
  if (young.length === 0) return [];
  await sleep(MOMENT);
  const later = await supervisor.states(young.map(({ unit }) => unit));
  return young.filter(({ unit, instance, pid }) =>
    later.some((one) => one.unit === unit && one.instance === instance && (one.state !== 'running' || one.pid !== pid)),
  );
}

/** Milliseconds. */
const YOUNG = 3000;
const MOMENT = 1500;

const drift = (addon: string, message: string, path?: string): Finding => ({
  kind: 'daemon-drift',
  severity: 'warning',
  message,
  hint: 'addons check --fix',
  addon,
  ...(path !== undefined && { path }),
});

const isDown = (addon: string, daemon = '', instance: InstanceName = 1): Finding => ({
  kind: 'daemon-down',
  severity: 'error',
  message: `The daemon ${daemon} (${instance}) of ${addon} does not run.`,
  hint: `See what it wrote: addons logs ${addon} ${daemon}. To start it: addons daemons ${addon} --start`,
  addon,
});

const endsAgain = (addon: string, daemon: string, instance: InstanceName): Finding => ({
  ...isDown(addon, daemon, instance),
  message: `The daemon ${daemon} (${instance}) of ${addon} ends again and again.`,
  hint: `See what it wrote: addons logs ${addon} ${daemon}`,
});
