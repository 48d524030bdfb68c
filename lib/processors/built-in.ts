import type { ChainHost } from './chain.ts';
import type { Processor } from './processor.ts';

/** The processors that come with this package. */
export const BUILT_IN: ReadonlyMap<string, (host: ChainHost) => Promise<Processor>> = new Map([
  ['history', async ({ store }: ChainHost) => (await import('./history.ts')).openHistory(store)],
]);
