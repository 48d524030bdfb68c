import { test } from 'vitest';

/** `test`, for a behaviour that this mode has. Where it has none there is nothing to skip. */
export function where(isThere: boolean): (name: string, run: () => Promise<void>, timeout?: number) => void {
  return isThere ? (name, run, timeout) => test(name, run, timeout) : () => {};
}
