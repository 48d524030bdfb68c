import { readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fromSystem, systemCode } from '../errors.ts';
import { type Liveness, liveness, type ProcessIdentity } from './process-identity.ts';

/** The file by which a process says that it wants or holds a lock. */
export interface OwnerFile {
  /** Absolute path. */
  file: string;
  owner: ProcessIdentity;
  readonly state: Liveness;
}

export interface LockOwner {
  key: string;
  owner: ProcessIdentity;
  state: Liveness;
}

/** Who holds what. An owner file that cannot be understood counts as `unknown`, with pid 0. */
export const heldLocks = (directory: string): LockOwner[] =>
  list(directory)
    .filter((name) => name.endsWith('.lock'))
    .flatMap((name) =>
      ownerFiles(join(directory, name)).map(({ file, ...rest }) => ({ key: name.slice(0, -5), ...rest })),
    );

/** All that is needed to judge the owner is in the name. */
export function ownerFileName({ boot, pid, start, machine, pidns, since }: ProcessIdentity): string {
  const nonce = Math.random().toString(36).slice(2, 12);
  return `o-${boot}-${pid}-${start}-${encodeURIComponent(machine)}-${pidns}-${Date.parse(since)}-${nonce}`;
}

/** Those who want or hold the lock of this directory. */
export const ownerFiles = (path: string): OwnerFile[] => list(path).map((name) => ownerIn(path, name));

/** Whether the owner was dead and its file is gone. */
export function removeIfDead({ file, state }: OwnerFile): boolean {
  if (state !== 'dead') return false;
  try {
    unlinkSync(file);
    return true;
  } catch (error) {
    return systemCode(error) === 'ENOENT';
  }
}

const OWNER_FILE =
  /^o-(?<boot>[0-9a-f-]*)-(?<pid>\d{1,10})-(?<start>\d*)-(?<machine>[^/]+)-(?<pidns>\d*)-(?<since>\d{1,15})-[0-9a-z]*$/;

function ownerIn(path: string, name: string): OwnerFile {
  const owner = parseOwner(name);
  return {
    file: join(path, name),
    owner,
    // Asked only where it matters: of ourselves it never does.
    get state() {
      return liveness(owner);
    },
  };
}

function parseOwner(name: string): ProcessIdentity {
  const {
    boot = '',
    pid = '0',
    start = '',
    machine = '',
    pidns = '',
    since = '0',
  } = OWNER_FILE.exec(name)?.groups ?? {};
  return {
    machine: decode(machine),
    boot,
    pidns,
    pid: Number(pid),
    start,
    since: new Date(Number(since)).toISOString(),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
    throw fromSystem(error, directory);
  }
}
