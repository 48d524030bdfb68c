import type { Trigger } from './trigger.ts';

/** `pre-delete APP` of old platforms, where the app's directory goes afterwards. Today's fires it for a rename as well. */
export const preDelete: Trigger = async ({ call, addons }, [app = '']) => {
  await addons.delete(app, call.options);
};
