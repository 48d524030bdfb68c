import { existsSync } from 'node:fs';
import { listed } from '../../cli/wording.ts';
import { removeAppDirectory } from '../app-directory.ts';
import { clearDestroyed } from '../destroyed.ts';
import type { Trigger } from './trigger.ts';

/** `post-app-rename-setup OLD NEW`: the resources stay those of the same app. Safe to run again. */
export const postAppRenameSetup: Trigger = async ({ call, addons }, [from = '', to = '']) => {
  await clearDestroyed(addons, to, call.options);
  const { directory, moved } = await addons.rename(from, to, call.options);
  if (!directory && existsSync(addons.platform.appDir(from))) {
    const { resources, malformed } = await addons.list(from);
    if (resources.length + malformed.length === 0) removeAppDirectory(addons.platform, from);
  }
  if (moved.length > 0) call.report.note(`The add-ons of ${from} are those of ${to}: ${listed(moved)}.`);
};
