import type { Command } from '../../cli/call.ts';
import type { Addons } from '../../operations/results.ts';
import type { Host } from '../host.ts';

/** `dokku addons`: without an app, those that this user may see. */
export const listVisible =
  (host: Host, list: Command): Command =>
  async (call) => {
    const addons = await call.addons();
    if (call.flags.all || call.one('app') !== undefined) return list(call);
    const visible = new Set(await host.visible(await addons.apps()));
    const restricted: Addons = {
      ...addons,
      async *listAll(options) {
        for await (const found of addons.listAll(options)) if (visible.has(found.app)) yield found;
      },
    };
    return list({ ...call, addons: async () => restricted });
  };
