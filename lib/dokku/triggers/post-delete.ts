import { existsSync } from 'node:fs';
import { finishDestroyed, markDestroyed } from '../destroyed.ts';
import type { Trigger } from './trigger.ts';

/**
 * `post-delete APP TAG`: the app is gone, and so is what it had. A failure here would keep the plugins behind us from their own
 * clearing up, and the app is gone all the same: it is told, and tried again later.
 */
export const postDelete: Trigger = async ({ call, addons }, [app = '']) => {
  if (!existsSync(addons.platform.appDir(app))) return;
  await markDestroyed(addons, app);
  try {
    await finishDestroyed(addons, app, call.options);
  } catch (thrown) {
    call.report.error(call.shown(thrown));
    call.report.warn(`Something that ${app} had is left; it is removed by: addons check --fix`);
  }
};
