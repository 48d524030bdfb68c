import type { Call, Command } from '../../cli/call.ts';
import { listed } from '../../cli/wording.ts';
import type { AddonsError } from '../../errors.ts';
import type { Addons } from '../../operations/results.ts';
import type { Host } from '../host.ts';

/** Which apps a command may give another config. */
export type AppsOf = (call: Call, addons: Addons) => Promise<readonly string[]> | readonly string[];

/**
 * What changes an app's config sets it at once, and restarts the app once, whatever came of it and however many add-ons it was
 * about.
 */
export const thenRelease =
  (host: Host, command: Command, appsOf: AppsOf = (call) => call.many('app')): Command =>
  async (call) => {
    if (call.flags.dryRun) return command(call);
    const addons = await call.addons();
    const apps = await appsOf(call, addons);
    const before = await configOf(addons, apps);
    const answer = await command({ ...call, releases: true });
    const errors = [...(answer.errors ?? [])];
    for (const app of call.io.signal.aborted ? [] : apps) {
      const error = await releaseOne(call, addons, app);
      if (error) errors.push(error);
    }
    const after = await configOf(addons, apps);
    await restart(
      call,
      host,
      apps.filter((app) => before.get(app)?.text !== after.get(app)?.text),
      after,
    );
    return { ...answer, errors };
  };

/** Restarts what was released with another config. */
export async function restart(
  call: Call,
  host: Host,
  apps: readonly string[],
  config: ReadonlyMap<string, Config>,
): Promise<void> {
  if (call.flags.restart === false) return;
  for (const app of apps) {
    // As Dokku's own config:set: who has stopped an app does not want it started.
    if (OFF.has(config.get(app)?.restore ?? '')) continue;
    call.report.progress({ type: 'step', message: `Restarting ${app}` });
    call.report.clear();
    if (!(await host.restart(app, call.json ? 2 : 1, call.io.signal)))
      call.report.warn(`${app} was not restarted; it has its new config at its next start: dokku ps:restart ${app}`);
  }
}

export interface Config {
  /** Equal where nothing changed. Secret. */
  text: string;
  /** `DOKKU_APP_RESTORE`. */
  restore: string | undefined;
}

export async function configOf(addons: Addons, apps: readonly string[]): Promise<Map<string, Config>> {
  const config = new Map<string, Config>();
  for (const app of apps) {
    const values = await addons.env(app);
    config.set(app, { text: JSON.stringify([...values].sort()), restore: values.get('DOKKU_APP_RESTORE') });
  }
  return config;
}

const OFF: ReadonlySet<string> = new Set(['0', 'false']);

/** What keeps the app from its config is told; the command itself is done. */
async function releaseOne(call: Call, addons: Addons, app: string): Promise<AddonsError | undefined> {
  try {
    const { changed, warnings } = await addons.release(app, call.options);
    if (!call.json) for (const warning of warnings) call.report.warn(warning);
    if (changed.length > 0) await call.say(`Set ${listed(changed)} of ${app}.\n`);
    return undefined;
  } catch (thrown) {
    const error = call.shown(thrown);
    if (!call.json) call.report.error(error);
    return error;
  }
}
