import { lstatSync, mkdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { AddonsError, systemCode } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { logOf, runitFiles, serviceOf } from './runit-files.ts';
import { daemonOf, isSupervised, killLeft, statusOf, tell } from './runsv.ts';
import { isAwake, look, restIfIdle, scanned, until, wake } from './runsvdir.ts';
import type { InstanceState, Supervisor } from './supervisor.ts';
import { svlogdLines } from './svlogd.ts';
import { type InstanceName, idOf, instancesOf, type Unit } from './unit.ts';

/** One runsv for each instance, below one runsvdir for the platform. */
export const runit = (platform: Platform, scriptPath: string): Supervisor => ({
  name: 'runit',
  files: runitFiles,
  async begin(units) {
    for (const one of instances(units)) place(platform, one);
    const pid = await wake(platform, scriptPath);
    await Promise.all(instances(units).map((one) => begin(platform, one, pid)));
  },
  async end(units, remove) {
    await Promise.all(instances(units).map((one) => end(platform, one)));
    await remove();
    await restIfIdle(platform);
  },
  states: async (units) => {
    const isAlive = isAwake(platform);
    return instances(units).map((one) => stateOf(platform, one, isAlive));
  },
  log: (units, options) =>
    svlogdLines(
      instances(units).map(({ unit, instance }) => ({
        daemon: unit.daemon,
        instance,
        directory: logOf(unit, instance),
      })),
      options,
    ),
});

interface Instance {
  unit: Unit;
  instance: InstanceName;
}

const instances = (units: readonly Unit[]): Instance[] =>
  units.flatMap((unit) => instancesOf(unit).map((instance) => ({ unit, instance })));

const linkOf = (platform: Platform, { unit, instance }: Instance): string =>
  join(scanned(platform), idOf(unit, instance));

function place(platform: Platform, one: Instance): void {
  const directory = scanned(platform);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  try {
    symlinkSync(relative(directory, serviceOf(one.unit, one.instance)), linkOf(platform, one));
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}

async function begin(platform: Platform, one: Instance, pid: number): Promise<void> {
  const service = serviceOf(one.unit, one.instance);
  const isUp = () => statusOf(service)?.pid !== undefined;
  const isSeen = () => {
    const isSo = isSupervised(service);
    if (!isSo) look(pid);
    return isSo;
  };
  if (!(await until(isSeen))) throw notStarted(one, `runsvdir does not look at ${scanned(platform)}`);
  if (isUp()) return;
  tell(service, 'u');
  // One that ends at once is seen by chance only; it is started again and again, and check tells of it.
  if (!(await until(isUp, 3)) && statusOf(service)?.isWanted !== true)
    throw notStarted(one, 'it ends at once: its log says why');
}

/** Killed when its time is over; whatever supervised it, or did not. */
async function end(platform: Platform, one: Instance): Promise<void> {
  const { unit, instance } = one;
  const service = serviceOf(unit, instance);
  drop(linkOf(platform, one));
  const isOver = () => !isSupervised(service);
  tell(service, 'x');
  if (!(await until(isOver, unit.spec.stopTimeout))) {
    tell(service, 'k');
    if (!(await until(isOver))) throw notEnded(one);
  }
  killLeft(service, idOf(unit, instance));
}

function drop(link: string): void {
  try {
    unlinkSync(link);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

/** Without a runsvdir, or a link in its directory, nothing would start it again. */
function stateOf(platform: Platform, one: Instance, isAlive: boolean): InstanceState {
  const status = statusOf(serviceOf(one.unit, one.instance));
  const isPlaced = lstatSync(linkOf(platform, one), { throwIfNoEntry: false }) !== undefined;
  if (status === undefined || !status.isWanted || !isAlive || !isPlaced) return { ...one, state: 'down' };
  if (status.pid === undefined) return { ...one, state: 'restarting' };
  return { ...one, state: 'running', pid: daemonOf(status.pid), since: status.since };
}

const notStarted = ({ unit: { addon, daemon }, instance }: Instance, why: string) =>
  new AddonsError('io', `The daemon ${daemon} (${instance}) of ${addon} does not run: ${why}.`, {
    hint: `See what it writes: addons logs ${addon} ${daemon}`,
    details: { addon },
  });

const notEnded = ({ unit: { addon, daemon }, instance }: Instance) =>
  new AddonsError('io', `The daemon ${daemon} (${instance}) of ${addon} could not be ended.`, {
    hint: 'Look for its runsv, and end it by hand.',
    details: { addon },
  });
