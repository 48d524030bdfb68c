import type { Addon } from '../scripts/addon.ts';
import type { Surroundings } from '../scripts/environment.ts';
import type { Store } from '../state/store.ts';
import type { Execution, ScriptRecord } from './execution.ts';
import type { Processing } from './processing.ts';

export type { Execution, ScriptRecord } from './execution.ts';

/** Takes down what scripts did during one call, and puts it through their add-ons' processors. */
export interface Chain {
  /** Nothing is processed here and now: the caller may be at work. */
  take(addon: Addon, record: Omit<ScriptRecord, 'addon'>): void;
  /** Processes what was taken, and ends what was started for it. Never throws: what the scripts did stays as it is. */
  end(): Promise<void>;
}

/** What processors work with. */
export interface ChainHost {
  store: Store;
  surroundings: Surroundings;
  /** File descriptor that gets what external processors write to stderr. */
  trace: number | undefined;
  signal: AbortSignal | undefined;
  /** Is told what failed, and what the processor `log` has to say. */
  tell: (event: { type: 'warning' | 'note' | 'execution'; message: string }) => void;
}

/** One script run, and whose. */
export interface Taken {
  addon: Addon;
  record: ScriptRecord;
}

export function openChain(host: ChainHost): Chain {
  let taken: Taken[] = [];
  let opened: Promise<Processing> | undefined;
  let processing: Promise<void> = Promise.resolve();
  const processTaken = () => {
    const batch = taken;
    taken = [];
    // Most commands run no script: they do not load what processes.
    opened ??= import('./processing.ts').then(({ openProcessing }) => openProcessing(host));
    processing = Promise.all([opened, processing])
      .then(([{ pass }]) => pass(batch))
      .catch((error) => host.tell({ type: 'warning', message: `Executions were not processed: ${error}` }));
  };
  return {
    take(addon, record) {
      taken.push({ addon, record: { ...record, addon: addon.name } });
      if (taken.length >= BATCH) processTaken();
    },
    async end() {
      if (taken.length > 0) processTaken();
      await processing;
      await (await opened)?.close();
    },
  };
}

/** What is kept of an add-on's executions, or of all, in the order in which they ended. @throws {AddonsError} `permission`, `io` */
export const storedExecutions = async (store: Store, addon?: string): Promise<Execution[]> =>
  (await import('./history.ts')).readHistory(store, addon);

/** A processor that is there, or that an add-on's chain names. */
export interface ProcessorState {
  name: string;
  builtIn: boolean;
  /** Its program. */
  path?: string;
  /** Whose chains it is in. */
  addons: string[];
  /** Why it is not used, in words that follow its path or name. */
  problem?: string;
}

export interface ProcessorsResult {
  processors: ProcessorState[];
  /** What cannot be used of the sections `[processors.NAME]`. */
  problems: string[];
}

/** Every processor that is there or is named by one of these add-ons. */
export const processorStates = async (
  store: Store,
  surroundings: Surroundings,
  addons: readonly Addon[],
): Promise<ProcessorsResult> => (await import('./states.ts')).statesOf(store, surroundings, addons);

/** Executions that wait at most: a release of all apps has thousands. */
const BATCH = 1000;
