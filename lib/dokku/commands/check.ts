import type { Call, Command } from '../../cli/call.ts';
import type { Addons } from '../../operations/results.ts';
import { destroyedApps } from '../app-directory.ts';
import { finishDestroyed } from '../destroyed.ts';
import type { Host } from '../host.ts';

/** `addons:check` knows of apps that Dokku has no more; with `--fix` it goes on removing what a destroyed one left. */
export const checkWithDokku =
  (host: Host, check: Command): Command =>
  async (call) => {
    const addons = await call.addons();
    const destroyed = destroyedApps(addons.platform);
    if (call.flags.fix && !call.flags.dryRun) for (const app of destroyed) await finish(call, addons, app);
    const answer = await check(call);
    for (const app of destroyedApps(addons.platform))
      call.report.warn(`Dokku destroyed ${app}, and something that it had is left: addons check --fix`);
    for (const app of await strangers(host, addons))
      call.report.warn(
        `${app} has add-ons, but Dokku has no such app, or not for this user. If it was renamed, as root: dokku plugin:trigger post-app-rename-setup ${app} NEW`,
      );
    return answer;
  };

async function finish(call: Call, addons: Addons, app: string): Promise<void> {
  try {
    await finishDestroyed(addons, app, call.options);
    call.report.note(`Removed what the destroyed app ${app} had left.`);
  } catch (thrown) {
    call.report.error(call.shown(thrown));
  }
}

/** With resources, and without a mark. */
async function strangers(host: Host, addons: Addons): Promise<string[]> {
  const apps: string[] = [];
  for await (const { app, resources } of addons.listAll()) if (resources.length > 0) apps.push(app);
  const known = new Set([...(await host.visible(apps)), ...destroyedApps(addons.platform)]);
  return apps.filter((app) => !known.has(app));
}
