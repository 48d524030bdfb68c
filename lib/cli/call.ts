import type { AddonsError } from '../errors.ts';
import type { Addons, CallOptions } from '../operations/results.ts';
import type { Io } from './io.ts';
import type { Flags } from './options.ts';
import type { Reporter } from './reporter.ts';
import type { UsedApp, UsedAppPlace } from './used-app.ts';

/** One command line, understood: what a command's module gets. */
export interface Call {
  /** The command's own name: `release` also when `pre-release` was typed. */
  verb: string;
  flags: Flags;
  /** The words after the verb as they were typed, to tell how to repeat the command. */
  typed: readonly string[];
  /** The operand of that name, or undefined where it may be left out. */
  one(operand: string): string | undefined;
  /** Same, for an operand that the parser has made sure of. */
  given(operand: string): string;
  /** Each word once, but somebody else's command line as it is. */
  many(operand: string): string[];
  /** The app where no operand names it: `--app`, else `X_APP_NAME`, else that of `addons use`. */
  app(): string | undefined;
  /** Where the used app is said and remembered. */
  usedApp: UsedAppPlace;
  /** What every call into the library is given. */
  options: CallOptions;
  /** The platform's verbs, opened at the first use. */
  addons(): Promise<Addons>;
  /** The platform that other words name, and the app that is used on it: for completion. */
  elsewhere(flags: Flags): Promise<{ addons: Addons; used: UsedApp | undefined }>;
  io: Io;
  /** Whether stdout carries one JSON document and nothing else. */
  json: boolean;
  report: Reporter;
  /** The apps are released by this very command: nobody need be told to. */
  releases?: boolean;
  /** Whatever was thrown, as an error that may be shown. */
  shown(error: unknown): AddonsError;
  /** Writes a result that was asked for to stdout; nothing with `--json`. */
  print(text: string): Promise<void>;
  /** Writes what a change did to stdout; nothing with `--json` or `--quiet`. */
  say(text: string): Promise<void>;
}

/** What a command hands back: `result` is what `--json` shows. */
export interface Answer {
  result: unknown;
  /** Failures of single operations, each already told on stderr (unless `--json`). */
  errors?: AddonsError[];
  /** Exit status where no error decides it. */
  status?: number;
  /** With `--json`, too, all of stdout has been written already. */
  streamed?: boolean;
}

export type Command = (call: Call) => Promise<Answer>;
