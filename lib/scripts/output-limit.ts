import { fstatSync } from 'node:fs';

/** Fires once more was written than anybody will read: a script that never stops would fill the disk until its time is over. */
export interface OutputLimit {
  signal: AbortSignal;
  stop(): void;
}

export function limitOutput(descriptors: readonly number[]): OutputLimit {
  const limit = new AbortController();
  const look = () => descriptors.some((fd) => fstatSync(fd).size > MOST) && limit.abort();
  const timer = setInterval(look, LOOK_EVERY);
  return { signal: limit.signal, stop: () => clearInterval(timer) };
}

const MOST = 64 * 1024 * 1024; // bytes
const LOOK_EVERY = 200; // ms
