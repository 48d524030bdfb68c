import { type App, findApp } from '../state/apps.ts';
import { bumpStamp } from '../state/stamps.ts';
import { type Context, uninterrupted } from './context.ts';
import { lockApp } from './locks.ts';
import { isSame, type Look, look } from './release-look.ts';

/**
 * Writes the config vars if all is still as it was seen.
 *
 * @returns the names of those that changed, or undefined: it was not written and must be computed again
 */
export function commitRelease(
  context: Context,
  app: App,
  seen: Look,
  wanted: ReadonlyMap<string, string>,
): Promise<string[] | undefined> {
  const { store } = context;
  return lockApp(uninterrupted(context), app, async () => {
    if (findApp(store.platform, app.name).key !== app.key) return undefined;
    const now = await look(context, app);
    if (!isSame(now, seen)) return undefined;
    const written = await store.configVars.change(app, wanted);
    bumpStamp(store, app);
    return written ? changedNames(now.env.values, wanted) : [];
  });
}

const changedNames = (before: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string>): string[] =>
  [...wanted]
    .filter(([name, value]) => before.get(name) !== value)
    .map(([name]) => name)
    .sort();
