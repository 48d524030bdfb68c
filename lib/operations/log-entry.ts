import type { LogEntry } from './results.ts';

/** The entry as a line of the log, without its line break. A long message is cut: the line is below 4 KiB. */
export function logLine(entry: LogEntry): string {
  const line = JSON.stringify(entry);
  const { error } = entry;
  if (Buffer.byteLength(line) < LONGEST || !error) return line;
  // By half: how long a character becomes is not worth knowing.
  const message = `${error.message.slice(0, error.message.length / 2)}…`;
  return logLine({ ...entry, error: { ...error, message } });
}

/** Undefined for what is no entry: a line that a crash cut short, or that somebody else wrote. */
export function parseLogLine(line: string): LogEntry | undefined {
  try {
    const entry = JSON.parse(line) as LogEntry; // checked below, as far as anything is done with it
    const { error, app = '', addon = '', sudo = '', operation = '', resource = '' } = entry;
    const texts = [
      entry.time,
      entry.user,
      entry.what,
      app,
      addon,
      sudo,
      operation,
      resource,
      error?.code ?? '',
      error?.message ?? '',
    ];
    const isEntry =
      texts.every((text) => typeof text === 'string') &&
      [entry.duration, entry.pid].every(Number.isFinite) &&
      !Number.isNaN(Date.parse(entry.time)) &&
      OUTCOMES.has(entry.outcome);
    return isEntry ? entry : undefined;
  } catch {
    return undefined;
  }
}

const LONGEST = 4000;
const OUTCOMES = new Set<string>(['done', 'failed', 'recovered'] satisfies LogEntry['outcome'][]);
