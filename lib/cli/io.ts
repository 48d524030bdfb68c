import type { Readable, Writable } from 'node:stream';
import { fromSystem, systemCode } from '../errors.ts';
import type { ForegroundCommand, NotRun } from './foreground.ts';

/** Everything outside that a command may touch: nothing below reads `process`. */
export interface Io {
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
  /** Which of the three is a terminal. */
  terminal: { stdin: boolean; stdout: boolean; stderr: boolean };
  /** Width of the terminal on stderr, in characters. */
  columns: number;
  env: Record<string, string | undefined>;
  cwd: string;
  /** Where this package lies, its version, and the directory in which the command was called. */
  program: { root: string; version: string; directory: string };
  /** Whether the terminal on stdin shows what is typed; undefined: there is no way to tell it. */
  echo?: (on: boolean) => void;
  /** Fires at the first SIGINT, SIGTERM or SIGHUP. */
  signal: AbortSignal;
  /** Lets a program take over: signals are its own until it ends. */
  foreground(command: ForegroundCommand): Promise<number | NotRun>;
}

/**
 * Resolves when the text has left this process. A reader that went away (`addons list | head -1`) is not an error: the work
 * goes on, nobody listens.
 *
 * @throws {AddonsError} `disk-full`, `io`
 */
export const write = (stream: Writable, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (!error || GONE.has(systemCode(error) ?? '')) resolve();
      else reject(fromSystem(error, 'standard output'));
    });
  });

const GONE = new Set(['EPIPE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);
