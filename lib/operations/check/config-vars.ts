import { namesFor } from '../../app/addons-env-file.ts';
import { AddonsError } from '../../errors.ts';
import { isInstalled } from '../../scripts/addon.ts';
import { readAddons } from '../../state/app-files.ts';
import { type App, allApps } from '../../state/apps.ts';
import { isEnabled } from '../../state/markers.ts';
import { installedNames } from '../addons.ts';
import { NO_NAMES } from '../app-resources.ts';
import type { Context } from '../context.ts';
import { readVariableNames } from '../drift.ts';
import type { Finding } from '../results.ts';
import { openUrls, type Urls } from '../urls.ts';

/** ENV against what `url` says now. */
export async function checkConfigVars(context: Context): Promise<Finding[]> {
  const urls = openUrls(context);
  try {
    const found = await Promise.all(allApps(context.store.platform).map((app) => checkApp(context, app, urls)));
    return found.flat();
  } finally {
    await urls.close();
  }
}

async function checkApp(context: Context, app: App, urls: Urls): Promise<Finding[]> {
  const { store } = context;
  const read = await readable(context, app);
  if (read === undefined) return [];
  const { lines, vars } = read;
  const names = readVariableNames(app) ?? NO_NAMES;
  const running = lines.filter(({ addon }) => isInstalled(store.platform, addon) && isEnabled(store, addon));
  const drift = await Promise.all(
    running.map(async (line): Promise<Finding[]> => {
      const about = { severity: 'warning' as const, app: app.name, addon: line.addon, id: line.id };
      try {
        const url = await urls.of(line, app.name);
        const wrong = [store.platform.configVar(line.addon), ...namesFor(names, line.addon)].filter(
          (name) => vars.get(name) !== url,
        );
        return wrong.map((name): Finding => {
          const how = vars.has(name) ? 'is not what its url script says now' : 'is not in ENV yet';
          const hint = `addons release ${app.name}`;
          return { ...about, kind: 'drift', message: `${name} of ${app.name} ${how}.`, hint };
        });
      } catch (error) {
        if (!(error instanceof AddonsError) || error.code === 'aborted') throw error;
        return [{ ...about, severity: 'error', kind: 'script-failed', message: `${app.name}: ${error.message}` }];
      }
    }),
  );
  return [...drift.flat(), ...stale(context, app, vars, new Set(lines.map(({ addon }) => addon)))];
}

/** A variable of an add-on that the app has no line for any more. */
function stale({ store }: Context, app: App, vars: ReadonlyMap<string, string>, has: Set<string>): Finding[] {
  const kept = new Set([...has].map((addon) => store.platform.configVar(addon)));
  return installedNames(store.platform)
    .map((addon) => ({ addon, variable: store.platform.configVar(addon) }))
    .filter(({ variable }) => vars.has(variable) && !kept.has(variable))
    .map(({ addon, variable }) => ({
      kind: 'stale-variable',
      severity: 'warning',
      message: `ENV of ${app.name} sets ${variable}, but the app has no ${addon}.`,
      hint: `Delete the variable by hand, or: addons add ${app.name} ${addon}`,
      app: app.name,
      addon,
    }));
}

async function readable({ store }: Context, app: App) {
  try {
    const { values } = await store.configVars.read(app);
    return { vars: values, lines: readAddons(app).parsed.resources };
  } catch {
    return undefined; // reported with the app's lines
  }
}
