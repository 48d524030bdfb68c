import { type Operation, ofApp } from './operation.ts';
import { alive, type State } from './state.ts';

/** False when another living process holds it. */
export function take(s: State, lock: string, pid: string): boolean {
  const holder = s.locks[lock];
  if (holder && holder !== pid && alive(s, holder)) return false;
  s.locks[lock] = pid;
  return true;
}

/** Lets go of every lock of this process. */
export function free(s: State, pid: string): void {
  for (const lock in s.locks) if (s.locks[lock] === pid) delete s.locks[lock];
}

export const lockOf = (s: State, op: Operation): string => (ofApp(op) ? appLock(s, op) : addonLock(op.addon));

export const appLock = (s: State, { app, ino }: { app: string; ino: number }): string =>
  s.setting.protocol.inodeKey ? `d${ino}` : `n${app}`;

export const addonLock = (addon: string): string => `addon ${addon}`;
