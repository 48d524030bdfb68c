import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writePlugin } from '../plugins/plugin-files.ts';
import { type DokkuWorld, makeDokku } from './world.ts';

let world: DokkuWorld;
beforeAll(() => {
  world = makeDokku();
  world.done(['addons:enable', 'bare']);
});
afterAll(() => world.remove());

const plugin = (name: string, files: Record<string, string>) =>
  writePlugin(join(String(world.env.DOKKU_ETC_ROOT), 'add-ons-plugins', name), files);

it("runs the triggers of the add-ons' plugins, and takes Dokku's own plugins for none of them", () => {
  const app = world.app();
  mkdirSync(join(world.libRoot, 'plugins', 'available', 'nginx-vhosts'), { recursive: true });
  plugin('quiet', {
    'pre-remove': 'echo "$1 keeps $2" >&2; exit 1',
    'post-release': 'echo "$1 of $DOKKU_ROOT has $ADDONS_CHANGED"',
  });
  expect(world.done(['addons:add', app, 'bare']).stderr).toContain(`${app} of ${world.root} has DOKKU_BARE_URL`);
  const refused = world.dokku(['addons:remove', app, 'bare', '--force']);
  expect([refused.status, refused.stderr]).toEqual([4, expect.stringContaining(`${app} keeps bare`)]);
  expect(world.config(app)).toHaveProperty('DOKKU_BARE_URL');
  expect(world.done(['addons:check']).stderr).not.toContain('plugin');
});

it('shows executions and processors', () => {
  const app = world.app();
  world.done(['addons:add', app, 'bare']);
  const { result } = JSON.parse(world.done(['addons:executions', '--json']).stdout);
  expect(result.executions).toContainEqual(expect.objectContaining({ app, addon: 'bare', action: 'provision' }));
  expect(world.done(['addons:processors']).stdout).toContain('history');
});
