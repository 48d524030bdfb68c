import type { Command } from '../../cli/call.ts';
import { makeAppDirectory } from '../app-directory.ts';
import { clearDestroyed } from '../destroyed.ts';
import type { Host } from '../host.ts';

/** Before anything else Dokku says whether the app exists and whose it is; then it has a directory of ours. */
export const verified =
  (host: Host, command: Command): Command =>
  async (call) => {
    const apps = call.many('app');
    for (const app of apps) await host.verifyApp(app);
    if (apps.length > 0) {
      const addons = await call.addons();
      for (const app of apps) {
        await clearDestroyed(addons, app, call.options);
        makeAppDirectory(addons.platform, app);
      }
    }
    return command(call);
  };
