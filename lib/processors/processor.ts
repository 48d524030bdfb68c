import type { ProcessorConfig } from '../addon/processors.ts';
import type { Execution } from './execution.ts';

/** Something that receives executions, as the chain uses it. */
export interface Processor {
  /**
   * Takes executions of one add-on, in their order, and gives for each what the next in line gets, or why it failed. An error
   * that it throws is the answer for all of them.
   */
  process(executions: readonly Execution[], job: ProcessorJob): Promise<(Execution | Error)[]>;
  /** Resolves when no process of it is left. */
  close(): Promise<void>;
}

export interface ProcessorJob {
  config: ProcessorConfig;
  /** Milliseconds that it may take for all of them. */
  within: number;
}

/** One that keeps nothing open, and takes one execution at a time. */
export const eachAlone = (
  take: (execution: Execution, config: ProcessorConfig) => Execution | Promise<Execution>,
): Processor => ({
  process: (executions, { config }) =>
    Promise.all(executions.map(async (execution) => take(execution, config)).map((one) => one.catch(asError))),
  close: async () => {},
});

/** With a pointer to where the output is, in its place. */
export const pointedTo = (execution: Execution, where: string): Execution => ({ ...execution, output: `[${where}]\n` });

export const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
