import { makeAppDirectory } from '../app-directory.ts';
import { clearDestroyed } from '../destroyed.ts';
import { refresh } from './refresh.ts';
import type { Trigger, TriggerCall } from './trigger.ts';

/** `post-app-clone OLD NEW`: the clone gets resources of its own; the config that Dokku copied leads to none of the old ones. */
export const postAppClone: Trigger = async (work: TriggerCall, [from = '', to = '']) => {
  const { call, addons } = work;
  await clearDestroyed(addons, to, call.options);
  makeAppDirectory(addons.platform, to);
  await addons.clone(from, to, call.options);
  await refresh(work, to);
};
