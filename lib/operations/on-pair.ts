import { sweepApp } from '../state/app-files.ts';
import { type App, findApp } from '../state/apps.ts';
import { type Entry, readJournal } from '../state/journal.ts';
import { prepare } from './begin.ts';
import type { Context } from './context.ts';
import { lockApp } from './locks.ts';
import { isAbout } from './recovery/entry-fields.ts';
import { clearEntry } from './recovery/recover.ts';

/** Under the app's lock, once no operation on the app's resource of this add-on is under way. */
export async function onPair<T extends object>(
  context: Context,
  appName: string,
  addon: string,
  work: (app: App) => Promise<T>,
): Promise<T> {
  const { store } = context;
  await prepare(context);
  for (;;) {
    const app = findApp(store.platform, appName);
    const found = await lockApp(context, app, async (): Promise<{ other?: Entry; result?: T }> => {
      if (findApp(store.platform, appName).key !== app.key) return {}; // made again while we waited
      await sweepApp(store, app);
      const other = readJournal(store).find((entry) => isAbout(entry, app.key, addon));
      return other ? { other } : { result: await work(app) };
    });
    if (found.result) return found.result;
    if (found.other) await clearEntry(context, found.other);
  }
}
