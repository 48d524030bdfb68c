import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
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

/** Makes sure that it runs, and that it looks now and not within five seconds. */
export const wake = (platform: Platform, scriptPath: string): Promise<void> =>
  locked(platform, async () => {
    const directory = scanned(platform);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const pid = processOf(directory);
    if (pid === undefined) await begin(directory, scriptPath);
    else send('SIGCHLD', pid);
  });

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

/** Asks every 20 ms, and gives up after ten seconds. */
export async function until(isSo: () => boolean): Promise<boolean> {
  for (const end = performance.now() + 10_000; performance.now() < end; await sleep(20)) if (isSo()) return true;
  return false;
}

const locked = <T>({ locks }: Platform, work: () => Promise<T>): Promise<T> =>
  withLock(locks, 'runsvdir', { label: 'the supervisor of daemons', deadline: Date.now() + 30_000 }, work);

/** It sees nothing of the caller's, and outlives it. */
async function begin(directory: string, scriptPath: string): Promise<void> {
  const program = findTool('runsvdir', scriptPath) ?? 'runsvdir';
  const child = spawn(program, ['-P', directory], {
    cwd: '/',
    env: { PATH: scriptPath },
    stdio: 'ignore',
    detached: true,
  });
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  child.unref();
}

/** Told by its arguments: no file could be stale. */
const processOf = (directory: string): number | undefined =>
  namesIn('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      const [program = '', ...rest] = argumentsOf(pid);
      return program.endsWith('runsvdir') && rest.join('\0') === `-P\0${directory}\0`;
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
