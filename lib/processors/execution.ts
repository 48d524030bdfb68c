import { constants } from 'node:os';
import { parseProvision, parseUrl } from '../addon/contract.ts';
import { OUT_LIMIT } from '../scripts/outputs.ts';
import { redactor } from '../scripts/redact.ts';

/** The record of one script run, as processors get it and `addons executions` shows it. Never a private or a URL's password. */
export interface Execution {
  /** Unique. Of a journaled run: the operation's id and the run's number. */
  id: string;
  addon: string;
  /** Whose resource it was about; enable, disable, list and health are about none. */
  app?: string;
  /** The script's name. */
  action: string;
  /** Id of the journaled operation. */
  operation?: string;
  /** ISO 8601. */
  started: string;
  finished: string;
  /** Exit status; null where a signal ended it, or nobody knows. */
  exit: number | null;
  /** Name of the signal that ended it, e.g. `SIGKILL`. */
  signal: string | null;
  /** Why this tool ended it. */
  stopped?: 'timeout' | 'aborted' | 'too-much-output';
  /** What it wrote, stdout before stderr: redacted, and its end only where it is long. */
  output: string;
}

/** What whoever ran a script knows of it. May hold secrets. */
export interface ScriptRecord extends Pick<Execution, 'app' | 'action' | 'operation' | 'stopped'> {
  id: string;
  addon: string;
  /** Milliseconds since 1970. */
  started: number;
  finished: number;
  /** As a shell tells it, 128 + n for signal n; null: nobody knows. */
  status: number | null;
  out: Buffer;
  err: Buffer;
  /** What the script may know and nobody may read; asked for only where it wrote something. */
  secrets: () => readonly string[];
}

/** Characters of output that an execution holds at most. */
export const OUTPUT_LIMIT = 64 * 1024;

export function executionOf(record: ScriptRecord): Execution {
  const { id, addon, app, action, operation, stopped, status } = record;
  const signal = signalOf(status);
  return {
    id,
    addon,
    ...(app !== undefined && { app }),
    action,
    ...(operation !== undefined && { operation }),
    started: new Date(record.started).toISOString(),
    finished: new Date(record.finished).toISOString(),
    exit: signal === null ? status : null,
    signal,
    ...(stopped !== undefined && { stopped }),
    output: endOf(outputOf(record), OUTPUT_LIMIT),
  };
}

/** The end of a text, from the beginning of a line on: half a line could be mistaken for a whole one. */
export function endOf(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = text.slice(-limit);
  return `[…]\n${end.slice(end.indexOf('\n') + 1)}`;
}

export const isFailed = ({ exit }: Execution): boolean => exit !== 0;

const SIGNAL_NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

const signalOf = (status: number | null): string | null =>
  status !== null && status > 128 ? (SIGNAL_NAMES.get(status - 128) ?? null) : null;

/** Redacted while it is whole: half a secret at the edge would not be recognised. */
function outputOf({ action, out, err, secrets }: ScriptRecord): string {
  const shown = (SHOWN[action] ?? wholeLines)(out);
  const text = err.length === 0 ? shown : `${withLineBreak(shown)}${err.toString()}`;
  return text === '' ? text : redactor(secrets())(text);
}

/** The stdout of scripts that answer a program. What breaks the contract may be a secret all through. */
const SHOWN: Record<string, (out: Buffer) => string> = {
  provision: (out) => shownIf(out, () => withoutPrivate(parseProvision(out))),
  url: (out) => shownIf(out, () => `${parseUrl(out)}\n`),
  rotate: (out) => (out.length === 0 ? '' : '[redacted]\n'),
};

const withoutPrivate = ({ id, private: secret }: { id: string; private: string }): string =>
  `${id};${secret === '' ? '' : '[redacted]'}\n`;

function shownIf(out: Buffer, shown: () => string): string {
  if (out.length === 0) return '';
  try {
    return shown();
  } catch {
    return `[${out.length} bytes that are not as the contract asks]\n`;
  }
}

/** What was read up to a limit ends within a line, perhaps within a secret. */
const wholeLines = (out: Buffer): string => {
  const text = out.toString();
  return out.length <= OUT_LIMIT ? text : text.slice(0, text.lastIndexOf('\n') + 1);
};

const withLineBreak = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
