import { closeSync, rmSync } from 'node:fs';
import { newOutput, openOutputs, takeErr, takeOut } from './outputs.ts';
import { runScript, type ScriptEnd, type ScriptRun } from './run.ts';

/** How a program ended, and what it said. */
export interface CapturedRun extends ScriptEnd {
  /** At most `limit` bytes and one. */
  out: Buffer;
  /** The last 16 KiB. */
  err: Buffer;
}

/**
 * Runs a program to its end. It writes to files, not to pipes: what it leaves running holds nobody up.
 *
 * @param outputs directory for the files, private to this user; made if need be
 * @throws as `runScript`; `permission`, `disk-full`, `io`
 */
export async function runCaptured(
  run: Omit<ScriptRun, 'stdout' | 'stderr'>,
  outputs: string,
  limit: number,
): Promise<CapturedRun> {
  openOutputs(outputs);
  const out = newOutput(outputs, 'out');
  const err = newOutput(outputs, 'err');
  try {
    const end = await runScript({ ...run, stdout: out.fd, stderr: err.fd });
    return { ...end, out: takeOut(out.path, limit), err: takeErr(err.path) };
  } finally {
    for (const { fd, path } of [out, err]) {
      closeSync(fd);
      rmSync(path, { force: true });
    }
  }
}
