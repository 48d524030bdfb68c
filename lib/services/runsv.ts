import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fromSystem, systemCode } from '../errors.ts';
import { send, variableOf } from '../scripts/processes.ts';

/** What runsv says of the service in its directory; undefined where no runsv works there. */
export function statusOf(service: string): { pid: number | undefined; since: string; isWanted: boolean } | undefined {
  if (!isSupervised(service)) return undefined;
  const status = read(join(service, 'supervise', 'status'));
  if (status.length !== LENGTH) return undefined;
  const pid = status.readUInt32LE(12);
  const isRunning = status[19] === 1;
  const seconds = Number(status.readBigUInt64BE(0) - TAI_OF_1970);
  return {
    pid: isRunning && pid > 0 ? pid : undefined,
    since: new Date(seconds * 1000).toISOString(),
    isWanted: String.fromCharCode(status[17] ?? 0) === 'u',
  };
}

/** Bytes: TAI64N, pid, paused, wanted, terminated, state. */
const LENGTH = 20;
const TAI_OF_1970 = 4611686018427387914n;

/** Its pipe has a reader as long as runsv lives. */
export function isSupervised(service: string): boolean {
  try {
    closeSync(openSync(join(service, 'supervise', 'ok'), constants.O_WRONLY | constants.O_NONBLOCK));
    return true;
  } catch {
    return false;
  }
}

/** `u`: start, `x`: end the service and itself, `k`: kill; as `sv` does, which looks at the result twice a second only. */
export function tell(service: string, what: 'u' | 'x' | 'k'): void {
  try {
    const fd = openSync(join(service, 'supervise', 'control'), constants.O_WRONLY | constants.O_NONBLOCK);
    writeSync(fd, what);
    closeSync(fd);
  } catch (error) {
    if (!['ENXIO', 'ENOENT'].includes(systemCode(error) ?? '')) throw fromSystem(error, service); // nobody is there
  }
}

/** The process that a time limit waits for, where there is one between. */
export function daemonOf(pid: number): number {
  const [child] = read(`/proc/${pid}/task/${pid}/children`).toString().trim().split(' ');
  const isLimit = read(`/proc/${pid}/comm`).toString().trim() === 'timeout';
  return isLimit && child ? Number(child) : pid;
}

/** Kills what a supervisor that was itself killed left running. */
export function killLeft(service: string, id: string): void {
  const group = Number(read(join(service, 'group')).toString());
  if (group > 1 && variableOf(group, 'ADDONS_DAEMON') === id) send('SIGKILL', -group);
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
