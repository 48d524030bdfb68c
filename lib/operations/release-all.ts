import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { AddonsError } from '../errors.ts';
import { type App, allApps } from '../state/apps.ts';
import { prepareStore } from '../state/store.ts';
import type { Context } from './context.ts';
import { releaseApp } from './release.ts';
import type { ReleaseResult } from './results.ts';
import { tendDaemons } from './tend-daemons.ts';
import { openUrls, type Urls } from './urls.ts';

export type ReleaseEnd = ReleaseResult | { app: string; error: Error };

/** Releases every app, several at a time, and yields each as it ends. One failure does not stop the rest. */
export async function* releaseAll(context: Context): AsyncGenerator<ReleaseEnd> {
  if (!context.dryRun) prepareStore(context.store);
  await wakeDaemons(context);
  const apps = allApps(context.store.platform);
  // One more than cores: while this process takes an answer in, no core waits for work.
  const urls = openUrls(context, availableParallelism() + 1);
  try {
    let done = 0;
    for await (const end of concurrently(apps, (app) => releaseOne(context, app, urls))) {
      done += 1;
      context.tell({ type: 'count', message: 'Releasing', done, total: apps.length });
      if ('error' in end && end.error instanceof AddonsError && end.error.code === 'aborted') throw end.error;
      yield end;
    }
  } finally {
    await urls.close();
  }
}

/** After a boot nothing but this may bring them back. Their URLs may need them; who needs none of them shall not suffer. */
async function wakeDaemons(context: Context): Promise<void> {
  if (context.dryRun || !existsSync(context.store.platform.services)) return;
  const { servedAddons } = await import('../services/unit-files.ts');
  for (const addon of servedAddons(context.store.platform)) {
    await tendDaemons(context, addon).catch((error) => {
      if (!(error instanceof AddonsError) || error.code === 'aborted') throw error;
      context.tell({ type: 'warning', message: error.message });
    });
  }
}

const releaseOne = (context: Context, app: App, urls: Urls): Promise<ReleaseEnd> =>
  releaseApp(context, app, urls).catch((error: Error) => ({ app: app.name, error }));

/** While some apps wait for their scripts, others are read, locked and written. */
const AT_ONCE = 4 * availableParallelism();

async function* concurrently<T, R>(items: T[], work: (item: T) => Promise<R>): AsyncGenerator<R> {
  const running = new Set<Promise<R>>();
  const ended: R[] = [];
  let next = 0;
  while (next < items.length || running.size > 0) {
    for (const item of items.slice(next, next + AT_ONCE - running.size)) {
      next += 1;
      const task: Promise<R> = work(item).then((end) => {
        running.delete(task);
        ended.push(end);
        return end;
      });
      running.add(task);
    }
    await Promise.race(running);
    yield* ended.splice(0);
  }
}
