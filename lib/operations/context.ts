import type { Store } from '../state/store.ts';
import type { CallOptions, Progress } from './results.ts';

/** What every script of the platform may see of the outside. */
export interface ScriptSettings {
  /** The caller's environment; scripts get only what the contract lets through. */
  outside: Readonly<Record<string, string | undefined>>;
  /** `PATH` of every script. */
  scriptPath: string;
  /** `HOME` of every script. */
  home: string;
  /** The profile in force, instead of what `/etc/x/profile` says. */
  profile?: string | undefined;
  /** The words with which cron starts the command line, instead of this package's own; false: nothing is put in a crontab. */
  program?: readonly string[] | false | undefined;
}

/** All that an operation works with: no globals beside it. */
export interface Context {
  store: Store;
  scripts: ScriptSettings;
  signal: AbortSignal | undefined;
  /** Milliseconds to wait for other processes. */
  wait: number;
  /** Seconds a script may run, if the caller decides. */
  timeout: number | undefined;
  trace: number | undefined;
  dryRun: boolean;
  tell: (event: Progress) => void;
  /** Told once the operation has its place in the journal: its id, for the log. */
  began: (operation: string) => void;
}

export function callContext(
  store: Store,
  scripts: ScriptSettings,
  defaultWait: number,
  options: CallOptions = {},
): Context {
  return {
    store,
    scripts,
    signal: options.signal,
    wait: (options.wait ?? defaultWait) * 1000,
    timeout: options.timeout,
    trace: options.trace,
    dryRun: options.dryRun ?? false,
    tell: options.onProgress ?? (() => {}),
    began: () => {},
  };
}

/** A commit that has begun is finished: it does not hear the signal. */
export const uninterrupted = (context: Context): Context => ({ ...context, signal: undefined });
