import { AddonsError } from '../../errors.ts';
import { isInstalled } from '../../scripts/addon.ts';
import { addonsIfReadable, readAddons } from '../../state/app-files.ts';
import { type App, allApps } from '../../state/apps.ts';
import { isEnabled } from '../../state/markers.ts';
import type { Context } from '../context.ts';
import type { Finding } from '../results.ts';

/** The lines of every app's ADDONS: malformed, doubled, without their add-on. */
export async function checkApps(context: Context): Promise<Finding[]> {
  const apps = allApps(context.store.platform);
  const found: Finding[] = [];
  for (const app of apps) found.push(...(await checkApp(context, app)));
  return [...found, ...sharedIds(apps)];
}

async function checkApp({ store }: Context, app: App): Promise<Finding[]> {
  const about = { app: app.name, severity: 'error' as const };
  try {
    await store.configVars.read(app);
    const { parsed, path } = readAddons(app);
    const malformed = parsed.malformed.map(
      ({ line, problem }): Finding => ({
        ...about,
        kind: 'malformed-line',
        message: `Line ${line} of ${path} is malformed: ${problem}.`,
        hint: 'A line is name;id;private. Mend or delete it by hand; it is kept as it is meanwhile.',
        path,
        line,
      }),
    );
    const doubled = parsed.duplicates.map(
      ({ addon, lines }): Finding => ({
        ...about,
        kind: 'duplicate-line',
        message: `Lines ${lines.join(', ')} of ${path} are all for ${addon}.`,
        hint: 'Delete the wrong ones by hand; releases and changes of it fail until then. addons check --fix drops repeated ones.',
        path,
        addon,
      }),
    );
    const withoutAddon = parsed.resources.flatMap(({ addon, id, line }): Finding[] => {
      const at = { ...about, addon, id, path, line };
      if (!isInstalled(store.platform, addon)) {
        const message = `Line ${line} of ${path} names ${addon}, which is not installed.`;
        return [
          {
            ...at,
            kind: 'line-without-addon',
            message,
            hint: `Install ${addon} again; if the resource is gone for good: addons remove ${app.name} ${addon} --forget`,
          },
        ];
      }
      if (isEnabled(store, addon)) return [];
      const message = `Line ${line} of ${path} names ${addon}, which is not enabled.`;
      return [{ ...at, kind: 'addon-disabled', message, hint: `addons enable ${addon}` }];
    });
    return [...malformed, ...doubled, ...withoutAddon];
  } catch (error) {
    if (!(error instanceof AddonsError)) throw error;
    return [{ ...about, kind: 'unreadable', message: error.message, ...(error.hint && { hint: error.hint }) }];
  }
}

/** One resource in the lines of two apps: removing it from one would take it from the other. */
function sharedIds(apps: App[]): Finding[] {
  const holders = new Map<string, App>();
  return apps.flatMap((app) =>
    (addonsIfReadable(app)?.resources ?? []).flatMap(({ addon, id, line }): Finding[] => {
      const holder = holders.get(`${addon};${id}`);
      holders.set(`${addon};${id}`, app);
      // Two lines of one app are told as such; a link to an app is that app.
      if (holder === undefined || holder.key === app.key) return [];
      const message = `${app.name} and ${holder.name} both hold ${id} of ${addon}.`;
      const hint = `Find out whose it is; drop the other's line: addons remove ${app.name} ${addon} --forget (or ${holder.name})`;
      return [{ kind: 'duplicate-id', severity: 'error', message, hint, app: app.name, addon, id, line }];
    }),
  );
}
