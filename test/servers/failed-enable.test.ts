import { existsSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { failure } from '../operations/world.ts';
import type { ServerAddon } from './kinds.ts';
import { canTry } from './trial.ts';
import { serverWorld } from './world.ts';

const ADDONS: ServerAddon[] = ['redis', 'postgresql', 'mariadb'];

describe.each(ADDONS)('%s on this host', (addon) => {
  test.skipIf(!canTry({ addon, mode: 'host' }))(
    'a first enable that fails leaves no process, user or file, and a second one succeeds',
    async () => {
      // An address that no host has; redis with a server for each app starts none, so it gets a shared one.
      const settings = { server: 'host', listen: '192.0.2.7', start_timeout: 5 };
      const world = serverWorld({ addon, settings: addon === 'redis' ? { ...settings, isolation: 'acl' } : settings });
      onTestFinished(() => world.close());
      expect((await failure(world.addons.enable(addon))).details.stderr).toMatch(/192\.0\.2\.7|does not start/);
      expect(world.remains()).toEqual([]);
      expect(existsSync(`${world.data}/token`)).toBe(false);
      world.configure({ listen: '127.0.0.1' });
      await world.addons.enable(addon);
      await world.addons.disable(addon);
      expect(world.remains()).toEqual([]);
    },
  );
});
