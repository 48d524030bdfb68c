import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DokkuWorld, makeDokku } from './world.ts';

// A platform of the seed's own time: no plugn, no triggers for the config, ADDONS and ENV in the app's directory.

let world: DokkuWorld;
beforeAll(() => {
  world = makeDokku({ old: true });
  mkdirSync(join(world.root, 'shop'));
});
afterAll(() => world.remove());

/** As `pluginhook` and the old `dokku` call a plugin: its `commands` with the whole command line. */
const commands = (...words: string[]) => world.plain('commands', words);
const read = (file: string) => readFileSync(join(world.root, 'shop', file), 'utf8');

it('keeps ADDONS and ENV as the seed says, and writes ENV in pre-release alone', () => {
  expect(commands('addons:enable', 'vault').status).toBe(0);
  expect(existsSync(join(world.root, '.add-ons/vault/enabled'))).toBe(true);
  writeFileSync(join(world.root, 'shop/ENV'), "export MINE='1'\n");
  const added = commands('addons:add', 'shop', 'vault');
  expect([added.status, added.stdout]).toEqual([0, expect.stringContaining('the next release sets DOKKU_VAULT_URL')]);
  expect(read('ADDONS')).toMatch(/^vault;shop-[a-z0-9]+;hunter2-shop\n$/);
  expect(read('ENV')).toBe("export MINE='1'\n");
  expect(world.plain('pre-release', ['shop', 'latest']).status).toBe(0);
  expect(read('ENV')).toMatch(/^export MINE='1'\nexport DOKKU_VAULT_URL='vault:.*'\n$/);
  expect(commands('addons:url', 'shop', 'vault').stdout).toMatch(/^vault:/);
  expect(commands('addons', 'shop').stdout).toContain('DOKKU_VAULT_URL');
});

it('fails the release where a URL cannot be had, and leaves ENV as it was', () => {
  const before = read('ENV');
  const url = readFileSync(join(world.libRoot, 'add-ons/vault/url'), 'utf8');
  world.script('vault', 'url', 'exit 1');
  expect(world.plain('pre-release', ['shop']).status).toBe(1);
  writeFileSync(join(world.libRoot, 'add-ons/vault/url'), url);
  expect(read('ENV')).toBe(before);
});

it('destroys what an app has in pre-delete, before its directory goes', () => {
  const ledger = join(world.root, '.add-ons/vault/ledger', read('ADDONS').split(';')[1] ?? '');
  expect(existsSync(ledger)).toBe(true);
  expect(world.plain('pre-delete', ['shop']).status).toBe(0);
  expect([existsSync(ledger), read('ADDONS')]).toEqual([false, '']);
});

it('has the same help, and leaves other commands to others', () => {
  expect(commands('addons:help').stdout).toContain('Additional commands:');
  expect(commands('addons:nonsense').status).toBe(10);
  expect(commands('apps:create').status).toBe(10);
  expect(commands('addons:../commands').status).toBe(10);
});

it("leaves today's triggers alone: nothing of theirs is there", () => {
  for (const [name, ...args] of [
    ['builder-release', 'herokuish', 'shop', 'latest'],
    ['post-delete', 'shop', 'latest'],
  ] as const)
    expect(world.plain(name, args)).toMatchObject({ status: 0, stdout: '', stderr: '' });
});
