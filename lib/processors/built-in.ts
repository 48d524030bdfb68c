import type { ChainHost } from './chain.ts';
import type { Processor } from './processor.ts';

/** The processors that come with this package. */
export const BUILT_IN: ReadonlyMap<string, (host: ChainHost) => Promise<Processor>> = new Map([
  ['history', async ({ store }: ChainHost) => (await import('./history.ts')).openHistory(store)],
  ['log', async (host: ChainHost) => (await import('./log.ts')).openLog(host)],
  ['syslog', async (host: ChainHost) => (await import('./syslog.ts')).openSyslog(host)],
  ['files', async (host: ChainHost) => (await import('./files.ts')).openFiles(host)],
]);
