import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Daemon, isPlainName } from '../addon/daemons.ts';
import { fromSystem, systemCode } from '../errors.ts';
import type { Platform } from '../platform.ts';

/**
 * The daemons of one version of an add-on, as a set. There is one, but while a swap is under way: then the other one runs
 * beside it.
 */
export type SetName = 'a' | 'b';

export const SETS: readonly SetName[] = ['a', 'b'];

/** One daemon as it runs, or is to run: what a supervisor is told, and what is remembered of that. */
export interface Unit {
  /** Of the platform, to tell its units from those of another. */
  home: string;
  platform: string;
  addon: string;
  daemon: string;
  set: SetName;
  /** The version's directory. */
  root: string;
  spec: Daemon;
  /** The name of its directory of `$ADDON_DATA`, of a daemon that runs once for each. */
  each?: string;
  /** Its own directory: the script that becomes the daemon, and what is remembered. */
  directory: string;
  /** Below it a directory for the log of each instance, where the supervisor has no log of its own. */
  logs: string;
}

/** A number from 1; of a daemon that runs once for each directory, the directory's name. */
export type InstanceName = number | string;

/** The script that becomes the daemon; its argument is the name of the instance. */
export const startOf = ({ directory }: Unit): string => join(directory, 'start');

/** What the unit is remembered by, as JSON. */
export const recordOf = ({ directory }: Unit): string => join(directory, 'unit.json');

export const instancesOf = ({ spec, each }: Unit): InstanceName[] =>
  each === undefined ? Array.from({ length: spec.instances }, (_, index) => index + 1) : [each];

/** Told apart from every other on the machine, with its processes. A ":" is in no name. */
export const idOf = ({ addon, daemon, set }: Unit, instance: InstanceName): string =>
  `${addon}:${daemon}:${set}:${instance}`;

/** All that is kept of an add-on's daemons. */
export const servicesOf = ({ services }: Platform, addon: string): string => join(services, 'add-ons', addon);

/** What the version in `root` declares, as one set: a unit for each daemon, or for each of its directories that there are. */
export function unitsOf(
  platform: Platform,
  { name, root, descriptor }: { name: string; root: string; descriptor: { daemons: Record<string, Daemon> } },
  set: SetName,
): Unit[] {
  const own = servicesOf(platform, name);
  return Object.entries(descriptor.daemons).flatMap(([daemon, spec]) => {
    const unit = (each?: string): Unit => ({
      home: platform.services,
      platform: platform.name,
      addon: name,
      daemon,
      set,
      root,
      spec,
      ...(each !== undefined && { each }),
      directory: join(own, set, each === undefined ? daemon : `${daemon}@${each}`),
      logs: join(own, 'log', daemon),
    });
    return spec.each === undefined ? [unit()] : wished(join(platform.addonData(name), spec.each)).map(unit);
  });
}

/** Directories of which the add-on says by a file in them that their daemon is to run. */
function wished(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => isPlainName(name) && existsSync(join(directory, name, 'daemon')))
      .sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fromSystem(error, directory);
  }
}
