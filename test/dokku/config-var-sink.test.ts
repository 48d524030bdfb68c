import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type DokkuWorld, makeDokku } from './world.ts';

let world: DokkuWorld;
let app: string;
beforeAll(() => {
  world = makeDokku();
  world.done(['addons:enable', 'vault', 'bare']);
});
beforeEach(() => {
  app = world.app();
  world.triggered();
});
afterAll(() => world.remove());

const sets = () => world.triggered().filter((line) => /^config-(set|unset)/.test(line));

it('sets all that changed at once, quietly, and nothing that did not', () => {
  const { stdout, stderr } = world.done(['addons:add', app, 'vault', 'bare']);
  expect(sets()).toEqual([
    expect.stringMatching(
      new RegExp(`^config-set --no-restart ${app} DOKKU_VAULT_URL=vault:\\S+ DOKKU_BARE_URL=bare:\\S+$`),
    ),
  ]);
  expect(stdout + stderr).not.toContain('hunter2');
  world.done(['addons:release', app]);
  expect(sets()).toEqual([]);
  world.done(['addons:rotate', app, 'vault']);
  expect(sets()).toEqual([expect.stringMatching(new RegExp(`^config-set --no-restart ${app} DOKKU_VAULT_URL=\\S+$`))]);
  world.done(['addons:remove', app, 'bare', '--force']);
  expect(sets()).toEqual([`config-unset ${app} DOKKU_BARE_URL false`]);
});

it('sets again what a rival took back at the same moment', () => {
  const rival = `[[ -e $DOKKU_ROOT/once ]] || { true >$DOKKU_ROOT/once; config_unset $2 DOKKU_VAULT_URL; }`;
  world.done(['addons:add', app, 'vault'], { CONFIG_RIVAL: rival });
  expect(world.config(app)).toHaveProperty('DOKKU_VAULT_URL');
  expect(sets()).toHaveLength(2);
});

it('says so where it cannot be set to stay', () => {
  const ran = world.dokku(['addons:add', app, 'vault'], { CONFIG_RIVAL: 'config_unset $2 DOKKU_VAULT_URL' });
  expect(ran.status).toBe(4);
  expect(ran.stderr).toContain(`DOKKU_VAULT_URL of ${app} did not stay as it was set.`);
  // The resource is there all the same, and the next release sets its variable.
  expect(world.lines(app)).toHaveLength(1);
  world.done(['addons:release', app]);
  expect(world.config(app)).toHaveProperty('DOKKU_VAULT_URL');
});

it('shows no value when Dokku does, in its error', () => {
  const ran = world.dokku(['addons:add', app, 'vault'], { CONFIG_SET_FAILS: 'no room for' });
  expect(ran.status).toBe(1);
  expect(ran.stderr).toContain('The trigger config-set of Dokku failed with exit status 1: !     no room for');
  expect(ran.stdout + ran.stderr).not.toMatch(/hunter2|vault:\/\//);
});

it.each(['no JSON', '["a"]', '{"A":1}', ''])('understands nothing but an object of texts: %s', (printed) => {
  const ran = world.dokku(['addons:release', app], { CONFIG_EXPORT_PRINTS: printed || ' ' });
  expect(ran.status).toBe(0); // no add-ons, nothing to release
  world.done(['addons:add', app, 'bare']);
  const released = world.dokku(['addons:release', app], { CONFIG_EXPORT_PRINTS: printed || ' ' });
  expect(released.status).toBe(1);
  expect(released.stderr).toContain(`Dokku does not tell the config of ${app}`);
  expect(world.config(app)).toHaveProperty('DOKKU_BARE_URL');
});

it('takes the config of an app that Dokku has no more for empty, and sets nothing there', () => {
  world.done(['addons:add', app, 'vault', '--no-restart']);
  world.forget(app);
  world.triggered();
  const { status, stderr } = world.trigger('pre-start', [app]);
  expect([status, stderr]).toEqual([20, ` !     App ${app} does not exist\n`]);
  expect(world.triggered()).toEqual([`pre-start ${app}`]);
});
