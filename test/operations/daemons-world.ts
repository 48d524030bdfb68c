import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import type { DaemonState } from '../../lib/operations/results.ts';
import { platform, type World } from './world.ts';

/** A platform whose daemons, and whatever supervises them, are gone after the test. */
export function served(): World {
  const world = platform();
  onTestFinished(async () => {
    const { services } = world.addons.platform;
    for (const { name } of await world.addons.addons())
      await world.addons.disable(name, { force: true }).catch(() => {});
    // Only what is of this platform, and only where the test itself failed before its end.
    for (const pid of processesOf(services)) kill(pid);
    rmSync(services, { recursive: true, force: true });
  });
  return world;
}

/** Processes with this text in their arguments, environment or directory: runsv is told by that alone. */
export const processesOf = (text: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) =>
      [textOf(`/proc/${pid}/cmdline`), textOf(`/proc/${pid}/environ`), directoryOf(pid)].some((one) =>
        one.includes(text),
      ),
    );

function directoryOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

/** Processes of the add-ons' daemons of this home. */
export const daemonProcesses = ({ home }: World): number[] =>
  processesOf(home).filter((pid) => textOf(`/proc/${pid}/environ`).includes('ADDONS_DAEMON='));

/** Waits until the daemons are as asked, at most ten seconds. */
export async function when(
  { addons }: World,
  addon: string,
  isSo: (states: DaemonState[]) => boolean,
): Promise<DaemonState[]> {
  for (const end = Date.now() + 10_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const states = await addons.daemons(addon);
    if (isSo(states)) return states;
    if (Date.now() > end) throw new Error(`still ${JSON.stringify(states)}`);
  }
}

export async function eventually(isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !isSo(); await new Promise((resolve) => setTimeout(resolve, 20))) {
    if (Date.now() > end) throw new Error(`it never came: ${isSo}`);
  }
}

function kill(pid: number) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
