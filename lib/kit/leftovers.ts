import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { runningProcesses, variableOf } from '../scripts/processes.ts';
import { containers } from './containers.ts';
import type { Trial } from './trial.ts';

/**
 * What is there of an add-on that should be gone, a noun each; looked for again until there is nothing or the time is over.
 *
 * @param patience milliseconds: what was asked to end may still be ending
 */
export async function leftovers(trial: Trial, patience: number): Promise<string[]> {
  for (const until = performance.now() + patience; ; await delay(LOOK_EVERY)) {
    const working = await stillWorking(trial);
    // A file does not go by itself, unless one of those removes it.
    if (working.length === 0 || performance.now() > until) return [...working, ...filesLeft(trial)];
  }
}

/** The processes, and what a Docker engine keeps, of the add-on; a noun each. */
export const stillWorking = async (trial: Trial): Promise<string[]> => [
  ...processesBelow(trial).map(({ pid, name }) => `process ${pid} (${name})`),
  ...(await containers(trial)).map(({ kind, name }) => `${kind} ${name}`),
];

/** A process that works for the add-on, and by what that is known. */
export interface WorkingProcess {
  pid: number;
  name: string;
  /** Started by one of its scripts, surely; a `tail -f` of somebody else is not. */
  isOwn: boolean;
}

/** Processes with this trial's `$ADDON_DATA`, or with a directory, a file or an argument below its home. */
export function processesBelow({ home, store, name }: Trial): WorkingProcess[] {
  const data = store.platform.addonData(name);
  return (runningProcesses() ?? [])
    .filter(({ pid }) => pid !== process.pid)
    .map(({ pid }) => ({ pid, isOwn: variableOf(pid, 'ADDON_DATA') === data || worksBelow(pid, `${home}/`) }))
    .filter(({ pid, isOwn }) => isOwn || holds(pid, `${home}/`))
    .map((one) => ({ ...one, name: read(`/proc/${one.pid}/comm`).trim() }));
}

const worksBelow = (pid: number, home: string) =>
  ['cwd', 'exe', 'root'].some((link) => `${linkOf(`/proc/${pid}/${link}`)}/`.startsWith(home));

function holds(pid: number, home: string): boolean {
  if (namesIn(`/proc/${pid}/fd`).some((fd) => linkOf(`/proc/${pid}/fd/${fd}`).startsWith(home))) return true;
  return read(`/proc/${pid}/cmdline`)
    .split('\0')
    .some((word) => word.includes(home));
}

function filesLeft({ store, name }: Trial): string[] {
  const data = store.platform.addonData(name);
  return namesIn(data).flatMap((file) => (OURS.has(file) ? [] : [`$ADDON_DATA/${file}`]));
}

/** What the tool itself keeps in `$ADDON_DATA`. */
const OURS: ReadonlySet<string> = new Set(['enabled', 'kept']);
const LOOK_EVERY = 100; // ms

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // another user's, or gone
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
