import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process that is not a zombie, as `/proc/<pid>/stat` shows it. */
export interface RunningProcess {
  pid: number;
  group: number;
  session: number;
  /** Seconds after boot, in steps of 0.01. */
  started: number;
}

/** Every running process that this user can see, or undefined where there is no `/proc` of this pid namespace. */
export function runningProcesses(): RunningProcess[] | undefined {
  if (!procIsOurs()) return undefined;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readStat(pid) ?? []);
}

/** Whether any process of the group runs. Zombies do not: where nobody reaps them they would count for ever. */
export function groupRuns(group: number): boolean {
  try {
    process.kill(-group, 0);
  } catch (error) {
    // EPERM: alive, but another user's (setuid).
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
  return runningProcesses()?.some((one) => one.group === group) ?? true;
}

/** Sends a signal to a process, or to a group by its negative id. One that is gone or another user's is left alone. */
export function send(signal: NodeJS.Signals, target: number): void {
  try {
    process.kill(target, signal);
  } catch {
    // The caller looks again whether it runs; an exception could not tell it more.
  }
}

/** A variable of a process's environment as it was at its start, or undefined if it has none or cannot be read. */
export function variableOf(pid: number, name: string): string | undefined {
  try {
    const environment = `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`;
    const at = environment.indexOf(`\0${name}=`);
    if (at < 0) return undefined;
    const from = at + name.length + 2;
    const to = environment.indexOf('\0', from);
    return environment.slice(from, to < 0 ? undefined : to);
  } catch {
    return undefined;
  }
}

// After `unshare --pid` it may still be the outer namespace's, and speak of strangers by our numbers.
function procIsOurs(): boolean {
  try {
    return readlinkSync('/proc/self') === String(process.pid);
  } catch {
    return false;
  }
}

const TICKS_A_SECOND = 100; // USER_HZ, fixed in Linux's interface whatever the kernel's own HZ is

function readStat(pid: string): RunningProcess | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined; // ended since the directory was read
  }
  // The name before the last bracket may hold anything, spaces and brackets too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, , group, session] = fields;
  // A zombie with threads is one whose first thread ended: the others work on.
  if (state === 'X' || (state === 'Z' && Number(fields[17]) <= 1)) return undefined;
  return {
    pid: Number(pid),
    group: Number(group),
    session: Number(session),
    started: Number(fields[19]) / TICKS_A_SECOND,
  };
}
