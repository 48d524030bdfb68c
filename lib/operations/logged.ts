import { userInfo } from 'node:os';
import { AddonsError } from '../errors.ts';
import type { Context } from './context.ts';
import type { LogEntry, Outcome } from './results.ts';

/** What an operation is about, as the log tells it. */
export interface About extends Pick<LogEntry, 'what' | 'app' | 'addon'> {
  /** Told when it fails even if it has no place in the journal: it may have changed something. */
  always?: boolean;
}

/**
 * Does the work and leaves one line in the operations log: when something was done, and when it failed after it had begun.
 * What was so already, was only planned or was refused leaves none. A log that cannot be written is a warning.
 */
export async function logged<T extends { outcome: Outcome; resource?: string }>(
  context: Context,
  about: About,
  work: (context: Context) => Promise<T>,
): Promise<T> {
  const { always = false, ...what } = about;
  const start = performance.now(); // the wall clock may be set meanwhile
  let operation: string | undefined;
  const ended = (outcome: LogEntry['outcome'], error?: unknown, resource?: string) =>
    writeEntry(context, {
      ...what,
      outcome,
      ...(resource !== undefined && { resource }),
      ...(error !== undefined && { error: told(error) }),
      duration: Math.round(performance.now() - start),
      ...(operation !== undefined && { operation }),
    });
  try {
    const result = await work({
      ...context,
      began: (id) => {
        operation = id;
        context.began(id);
      },
    });
    if (result.outcome === 'done') await ended('done', undefined, result.resource);
    return result;
  } catch (error) {
    const hasBegun = operation !== undefined || (always && !context.dryRun);
    if (hasBegun && !isRefusal(error)) await ended('failed', error);
    throw error;
  }
}

/** What is seen only once the entry is written: nothing was done then. */
const isRefusal = (error: unknown): boolean =>
  error instanceof AddonsError && (error.code === 'in-use' || error.code === 'not-enabled');

/** Writes one line to the operations log. Never throws: the operation itself is over. */
export async function writeEntry(
  context: Context,
  entry: Omit<LogEntry, 'time' | 'user' | 'sudo' | 'pid'>,
): Promise<void> {
  try {
    // Most commands change nothing, and so log nothing: they do not load what writes.
    const [{ appendLogLine }, { logLine }] = await Promise.all([
      import('../state/operations-log.ts'),
      import('./log-entry.ts'),
    ]);
    const time = new Date().toISOString();
    await appendLogLine(context.store, logLine({ time, ...who(context), pid: process.pid, ...entry }));
  } catch (error) {
    const why = error instanceof AddonsError ? error.message : String(error);
    context.tell({ type: 'warning', message: `The operations log was not written: ${why}` });
  }
}

function who({ scripts }: Context): Pick<LogEntry, 'user' | 'sudo'> {
  const sudo = scripts.outside.SUDO_USER?.slice(0, 64);
  return { user: userName(), ...(sudo && { sudo }) };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.geteuid?.()); // a user id without an entry in passwd
  }
}

/** Messages of our own hold no secret; those of others may quote anything. */
export const told = (error: unknown): NonNullable<LogEntry['error']> =>
  error instanceof AddonsError
    ? { code: error.code, message: error.message }
    : { code: 'io', message: `Something unexpected went wrong: ${error instanceof Error ? error.name : 'no error'}.` };
