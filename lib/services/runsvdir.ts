import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Platform } from '../platform.ts';
import { send } from '../scripts/processes.ts';
import { withLock } from '../state/lock.ts';
import { findTool } from './tool.ts';

// One runsvdir for each platform looks after all of its daemons. It lives as long as there is one, and is started by whoever
// needs it.

/** The directory that runsvdir looks at: links to service directories. */
export const scanned = ({ services }: Platform): string => join(services, 'scan');

/** Makes sure that it runs, and that it sees a change when it is told to `look`: its pid. */
export const wake = (platform: Platform, scriptPath: string): Promise<number> =>
  locked(platform, async () => {
    const directory = scanned(platform);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const pid = processOf(directory);
    if (pid === undefined) return begin(directory, scriptPath);
    // A directory that was changed in this second it would give another one, and of two changes in one it sees the first only.
    const past = Date.now() / 1000 - 2 - Math.floor(Math.random() * 1e6);
    utimesSync(directory, past, past);
    return pid;
  });

/**
 * It looks now and not within five seconds, but not twice in a second: tell it again until it has seen what it is to see. No
 * signal wakes it, but what is written to its log, of which it shows the end among its arguments.
 */
export function look(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/fd/2`, '.');
  } catch {
    // Another user's, or it has ended: then it looks when it looks.
  }
}

/** It needs room for what it shows. */
const LOG = 'log: .......';

/** Ends it where nothing is left for it to do. */
export const restIfIdle = (platform: Platform): Promise<void> =>
  locked(platform, async () => {
    const directory = scanned(platform);
    if (namesIn(directory).length > 0) return;
    const pid = processOf(directory);
    if (pid === undefined) return;
    send('SIGHUP', pid);
    await until(() => processOf(directory) === undefined);
  });

export const isAwake = (platform: Platform): boolean => processOf(scanned(platform)) !== undefined;

/** Asks every 20 ms, and gives up after these seconds. */
export async function until(isSo: () => boolean, seconds = 10): Promise<boolean> {
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await sleep(20))
    if (isSo()) return true;
  return false;
}

const locked = <T>({ locks }: Platform, work: () => Promise<T>): Promise<T> =>
  withLock(locks, 'runsvdir', { label: 'the supervisor of daemons', deadline: Date.now() + 30_000 }, work);

/** It sees nothing of the caller's, and outlives it. */
async function begin(directory: string, scriptPath: string): Promise<number> {
  const program = findTool('runsvdir', scriptPath) ?? 'runsvdir';
  const child = spawn(program, ['-P', directory, LOG], {
    cwd: '/',
    env: { PATH: scriptPath },
    stdio: 'ignore',
    detached: true,
  });
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  child.unref();
  return child.pid ?? 0; // it was started
}

/** Told by its arguments: no file could be stale. */
const processOf = (directory: string): number | undefined =>
  namesIn('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      const [program = '', ...rest] = argumentsOf(pid);
      return program.endsWith('runsvdir') && rest[0] === '-P' && rest[1] === directory;
    });

function argumentsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return []; // ended since
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
