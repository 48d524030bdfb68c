import { join } from 'node:path';
import type { Daemon } from '../addon/daemons.ts';
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
  /** Its own directory: the script that becomes the daemon, and what is remembered. */
  directory: string;
  /** Below it a directory for the log of each instance, where the supervisor has no log of its own. */
  logs: string;
}

/** The script that becomes the daemon; its argument is the number of the instance, from 1. */
export const startOf = ({ directory }: Unit): string => join(directory, 'start');

/** What the unit is remembered by, as JSON. */
export const recordOf = ({ directory }: Unit): string => join(directory, 'unit.json');

/** From 1. */
export const instancesOf = ({ spec }: Unit): number[] =>
  Array.from({ length: spec.instances }, (_, index) => index + 1);

/** Told apart from every other on the machine, with its processes. A ":" is in no name. */
export const idOf = ({ addon, daemon, set }: Unit, instance: number): string => `${addon}:${daemon}:${set}:${instance}`;

/** All that is kept of an add-on's daemons. */
export const servicesOf = ({ services }: Platform, addon: string): string => join(services, 'add-ons', addon);

/** What the version in `root` declares, as one set. */
export function unitsOf(
  platform: Platform,
  { name, root, descriptor }: { name: string; root: string; descriptor: { daemons: Record<string, Daemon> } },
  set: SetName,
): Unit[] {
  const own = servicesOf(platform, name);
  return Object.entries(descriptor.daemons).map(([daemon, spec]) => ({
    home: platform.services,
    platform: platform.name,
    addon: name,
    daemon,
    set,
    root,
    spec,
    directory: join(own, set, daemon),
    logs: join(own, 'log', daemon),
  }));
}
