import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { AddonsError, systemCode } from '../errors.ts';

/** One process, told apart from every other on any machine: a pid alone is used again. */
export interface ProcessIdentity {
  /** `/etc/machine-id`, or the host name where there is none. */
  machine: string;
  /** The kernel's boot id, or '' where it cannot be read. */
  boot: string;
  /** Number of the pid namespace that `pid` counts in, or ''. */
  pidns: string;
  pid: number;
  /** Clock ticks from boot to the process's start (field 22 of `/proc/<pid>/stat`), or '' where it cannot be read. */
  start: string;
  /** ISO 8601: when this record was made. */
  since: string;
}

/** `unknown`: another machine or pid namespace. Treat it as alive; only a person may decide otherwise. */
export type Liveness = 'alive' | 'dead' | 'unknown';

/** This process, as of now. Reads the system once. */
export function currentProcess(): ProcessIdentity {
  own ??= {
    machine: machineId(),
    boot: read('/proc/sys/kernel/random/boot_id').trim(),
    pidns: /\d+/.exec(link('/proc/self/ns/pid'))?.[0] ?? '',
    pid: process.pid,
    start: parseStat(read('/proc/self/stat'))?.start ?? '',
  };
  return { ...own, since: new Date().toISOString() };
}

/** Whether a process lives. A process is `dead` only if that is proven. */
export function liveness(process: ProcessIdentity, here: ProcessIdentity = currentProcess()): Liveness {
  const elsewhere = verdictFromAfar(process, here);
  if (elsewhere) return elsewhere;
  if (process.pid < 1) return 'unknown';
  if (!exists(process.pid)) return 'dead';
  const stat = statOf(process.pid);
  return stat && (isOver(stat) || isStranger(stat, process)) ? 'dead' : 'alive';
}

/** Whether any member of the process group that `leader` began lives. Zombies do not count. */
export function groupLiveness(leader: ProcessIdentity, here: ProcessIdentity = currentProcess()): Liveness {
  const elsewhere = verdictFromAfar(leader, here);
  if (elsewhere) return elsewhere;
  // kill(-1) and kill(0) mean everybody and ourselves.
  if (leader.pid <= 1) return 'unknown';
  if (!exists(-leader.pid)) return 'dead';
  const stat = statOf(leader.pid);
  // The kernel gives a number out again only when no member, not even a zombie, is left of its group.
  if (stat && isStranger(stat, leader)) return 'dead';
  if (!showsEveryProcess()) return exists(-leader.pid) ? 'alive' : 'dead';
  // Twice: a member may fork and end while the first look passes over it.
  return hasLivingMember(leader.pid) || hasLivingMember(leader.pid) ? 'alive' : 'dead';
}

/**
 * Signals the whole group, if it lives here and its number was not given to a stranger. A group that is gone is no error.
 *
 * @throws {AddonsError} `permission` if no member may be signalled
 */
export function killGroup(leader: ProcessIdentity, signal: NodeJS.Signals): void {
  if (groupLiveness(leader) !== 'alive') return;
  try {
    process.kill(-leader.pid, signal);
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return;
    throw new AddonsError('permission', `Process group ${leader.pid} belongs to another user and cannot be stopped.`, {
      hint: `Stop it as that user or as root: kill -${signal.slice(3)} -- -${leader.pid}`,
      cause: error,
    });
  }
}

let own: Omit<ProcessIdentity, 'since'> | undefined;

function machineId(): string {
  const id = read('/etc/machine-id').trim();
  return /^[0-9a-f]{32}$/.test(id) ? id : hostname();
}

/** What can be said without looking at the process, or undefined if it can be looked at from here. */
function verdictFromAfar(process: ProcessIdentity, here: ProcessIdentity): Liveness | undefined {
  if (process.machine !== here.machine || process.pidns !== here.pidns) return 'unknown';
  if (process.boot && here.boot && process.boot !== here.boot) return 'dead';
  return process.pidns && Number.isSafeInteger(process.pid) ? undefined : 'unknown';
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}

interface Stat {
  state: string;
  group: number;
  threads: number;
  start: string;
}

/** Undefined where the process is gone, hidden (hidepid), or `/proc` cannot be read. */
const statOf = (pid: number): Stat | undefined => (procIsOurs() ? parseStat(read(`/proc/${pid}/stat`)) : undefined);

/** A process may be named `a) Z 1 (b`: only what follows the last parenthesis can be trusted. */
function parseStat(text: string): Stat | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, , group] = fields;
  const [threads, , start] = fields.slice(17);
  return state && group && threads && start
    ? { state, group: Number(group), threads: Number(threads), start }
    : undefined;
}

/** A zombie whose other threads live is one that was killed while they still write: wait for them. */
const isOver = ({ state, threads }: Stat): boolean => (state === 'Z' || state === 'X') && threads <= 1;

const isStranger = (stat: Stat, process: ProcessIdentity): boolean =>
  process.start !== '' && stat.start !== process.start;

const hasLivingMember = (group: number): boolean =>
  readdirSync('/proc').some((name) => {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : undefined;
    return stat !== undefined && stat.group === group && !isOver(stat);
  });

/** Under hidepid a stranger's processes are not shown; process 1 always exists. */
const showsEveryProcess = (): boolean => statOf(1) !== undefined;

/** After `unshare --pid`, `/proc` may still be that of the outer namespace and speak of others with our numbers. */
const procIsOurs = (): boolean => link('/proc/self') === String(process.pid);

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
