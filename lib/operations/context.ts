import { openTriggers, type Triggers } from '../plugins/triggers.ts';
import { type Chain, openChain } from '../processors/chain.ts';
import type { Surroundings } from '../scripts/environment.ts';
import type { Store } from '../state/store.ts';
import type { CallOptions, Progress } from './results.ts';

/** All that an operation works with: no globals beside it. */
export interface Context {
  store: Store;
  scripts: Surroundings;
  signal: AbortSignal | undefined;
  /** Milliseconds to wait for other processes. */
  wait: number;
  /** Seconds a script may run, if the caller decides. */
  timeout: number | undefined;
  trace: number | undefined;
  dryRun: boolean;
  tell: (event: Progress) => void;
  /** Takes down what scripts did; it is processed when the call is over. */
  executions: Chain;
  /** Plugins that have a say in what is done, or are told of it. */
  triggers: Triggers;
  /** Told once the operation has its place in the journal: its id, for the log. */
  began: (operation: string) => void;
}

export function callContext(
  store: Store,
  scripts: Surroundings,
  defaultWait: number,
  options: CallOptions = {},
): Context {
  const { signal, trace, onProgress: tell = () => {} } = options;
  return {
    store,
    scripts,
    signal,
    wait: (options.wait ?? defaultWait) * 1000,
    timeout: options.timeout,
    trace,
    dryRun: options.dryRun ?? false,
    tell,
    executions: openChain({ store, surroundings: scripts, trace, signal, tell }),
    triggers: openTriggers({ store, surroundings: scripts, trace, signal, tell }),
    began: () => {},
  };
}

/** A commit that has begun is finished: it does not hear the signal. */
export const uninterrupted = (context: Context): Context => ({ ...context, signal: undefined });
