import { readdirSync, readFileSync } from 'node:fs';
import { variableOf } from '../scripts/processes.ts';
import type { Trial } from './trial.ts';

/**
 * Takes down the arguments of the add-on's processes while a script runs. It looks every few milliseconds, so it misses the
 * shortest ones, and sees no one else's: only processes whose environment holds this trial's `$ADDON_DATA`.
 */
export function watchArguments(trial: Trial, script: string): { stop(): void } {
  const data = trial.store.platform.addonData(trial.addon.name);
  // What ran before is not of this script; a new process with an old number is missed, never accused.
  const strangers = new Set(pids());
  const seen = new Set<string>();
  const look = () => {
    for (const pid of pids()) {
      if (strangers.has(pid)) continue;
      if (variableOf(Number(pid), 'ADDON_DATA') !== data) {
        strangers.add(pid);
        continue;
      }
      const line = commandLine(pid);
      if (line === '' || seen.has(line)) continue;
      seen.add(line);
      trial.seenArguments.push({ script, words: line.split('\0') });
    }
  };
  const timer = setInterval(look, LOOK_EVERY);
  return { stop: () => clearInterval(timer) };
}

const LOOK_EVERY = 5; // ms

function pids(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return []; // no /proc
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0$/, '');
  } catch {
    return ''; // ended since
  }
}
