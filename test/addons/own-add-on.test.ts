import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'smol-toml';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { testAddon } from '../../lib/kit/test-addon.ts';
import { collect } from '../operations/world.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/own-add-on/inbox', import.meta.url));
const GUIDE = readFileSync(new URL('../../docs/writing-add-ons.md', import.meta.url), 'utf8');
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const FIVE = ['enable', 'disable', 'provision', 'unprovision', 'url'];

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'own-add-on-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

describe('the guide', () => {
  test('its add-on on one screen, pasted into a shell, keeps the contract', () => {
    paste(section('A working add-on in one screen')[0]);
    const root = join(home, 'folder');
    expect(readdirSync(root).sort()).toEqual([...FIVE, 'addon.toml'].sort());
    expect(lifeOf(root, 'folders')).toMatch(/^file:\/\/\/.*\/folders\/shop-op-1$/);
    expect(parse(readFileSync(join(root, 'addon.toml'), 'utf8'))).toMatchObject({ addon: { idempotent: true } });
  });

  test('its add-on passes every check of addons test', async () => {
    paste(section('A working add-on in one screen')[0]);
    expect(await failedChecks(join(home, 'folder'))).toEqual([]);
  });

  test('its try-out by hand shows what the text says', () => {
    const [write, tryOut] = section('A working add-on in one screen');
    const shown = paste(`${write}\n${tryOut}`).trimEnd().split('\n');
    expect(shown).toEqual(['shop-by-hand;', expect.stringMatching(/^file:\/\/\/.*\/shop-by-hand$/), 'shop-by-hand;']);
  });

  test('its screen is a screen', () => {
    expect(section('A working add-on in one screen')[0]?.split('\n').length).toBeLessThanOrEqual(50);
  });

  test('its addon.toml is TOML', () => {
    for (const toml of blocks(GUIDE, 'toml')) expect(Object.keys(parse(toml))).not.toEqual([]);
    expect(blocks(GUIDE, 'toml').length).toBe(2);
  });
});

describe('the example add-on', () => {
  test('keeps the contract', () => {
    expect(lifeOf(EXAMPLE, 'inboxes')).toMatch(/^file:\/\/\/.*\/inboxes\/shop-op-1$/);
  });

  test('passes every check of addons test', async () => {
    expect(await failedChecks(EXAMPLE)).toEqual([]);
  });

  test('gives an app a directory where a message arrives whole', () => {
    const data = dataOf('inbox');
    run(EXAMPLE, data, 'enable');
    run(EXAMPLE, data, 'provision', ['shop']);
    const inbox = fileURLToPath(run(EXAMPLE, data, 'url', ['shop-op-1', '']).stdout.trimEnd());
    writeFileSync(join(inbox, 'tmp', '1'), 'an order');
    renameSync(join(inbox, 'tmp', '1'), join(inbox, 'new', '1'));
    expect(readFileSync(join(inbox, 'new', '1'), 'utf8')).toBe('an order');
    expect(statSync(inbox).mode & 0o777).toBe(0o700);
    run(EXAMPLE, data, 'provision', ['shop']);
    expect(readdirSync(join(inbox, 'new'))).toEqual(['1']);
  });

  test('provision that was killed half-way is finished by the next run, or undone', () => {
    for (const next of ['provision', 'unprovision']) {
      const data = dataOf(`inbox-${next}`);
      run(EXAMPLE, data, 'enable');
      const inboxes = join(data, 'inboxes');
      mkdirSync(join(inboxes, '.new.shop-op-1', 'tmp'), { recursive: true });
      expect(run(EXAMPLE, data, next, [next === 'provision' ? 'shop' : 'shop-op-1']).status).toBe(0);
      expect(readdirSync(inboxes)).toEqual(next === 'provision' ? ['shop-op-1'] : []);
      if (next === 'provision') expect(readdirSync(join(inboxes, 'shop-op-1')).sort()).toEqual(['cur', 'new', 'tmp']);
    }
  });

  test('url fails when the inbox is gone, and makes no empty one', () => {
    const data = dataOf('inbox');
    run(EXAMPLE, data, 'enable');
    const outcome = run(EXAMPLE, data, 'url', ['shop-op-1', '']);
    expect(outcome).toMatchObject({ status: 1, stdout: '' });
    expect(outcome.stderr).toContain('is missing');
    expect(readdirSync(join(data, 'inboxes'))).toEqual([]);
  });

  test('enable refuses a path that its URLs could not hold', () => {
    const outcome = run(EXAMPLE, dataOf("it's here"), 'enable');
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain('that a URL cannot');
  });
});

/** Takes an add-on through the life of one resource, each step twice as after a crash; returns its URL. */
function lifeOf(root: string, resources: string): string {
  const data = dataOf('life');
  const twice = (script: string, args: string[] = []) => {
    const [first, second] = [run(root, data, script, args), run(root, data, script, args)];
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(second).toEqual(first);
    return first.stdout;
  };
  for (const script of FIVE) accessSync(join(root, script), constants.X_OK);
  expect(twice('enable')).toBe('');
  expect(twice('provision', ['shop'])).toBe('shop-op-1;\n');
  const url = twice('url', ['shop-op-1', '']).trimEnd();
  expect(statSync(fileURLToPath(url)).isDirectory()).toBe(true);

  mkdirSync(join(data, 'outside'));
  for (const id of ['..', '../outside', '']) expect(run(root, data, 'unprovision', [id]).status).not.toBe(0);
  expect(existsSync(join(data, 'outside'))).toBe(true);
  rmSync(join(data, 'outside'), { recursive: true });

  expect(run(root, data, 'disable').status).not.toBe(0);
  expect(twice('unprovision', ['shop-op-1'])).toBe('');
  expect(readdirSync(join(data, resources))).toEqual([]);
  expect(twice('disable')).toBe('');
  expect(readdirSync(data)).toEqual([]);
  return url;
}

async function failedChecks(root: string) {
  const ends = await collect(testAddon(root, { temporary: home }));
  return ends.filter(({ outcome }) => outcome === 'failed');
}

function run(root: string, data: string, script: string, args: string[] = []) {
  const env = { PATH, HOME: home, LANG: 'C.UTF-8', ADDON_ROOT: root, ADDON_DATA: data, ADDONS_OP_ID: 'op-1' };
  const { status, stdout, stderr } = spawnSync(join(root, script), args, { cwd: root, env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

function paste(text = '') {
  const env = { PATH, HOME: home, TMPDIR: home };
  const outcome = spawnSync('sh', ['-e'], { cwd: home, env, encoding: 'utf8', input: text });
  expect(outcome).toMatchObject({ status: 0, stderr: '' });
  return outcome.stdout;
}

function dataOf(name: string) {
  const data = join(home, '.add-ons', name);
  mkdirSync(data, { recursive: true });
  return data;
}

const section = (title: string) => blocks(GUIDE.split(/^## /m).find((text) => text.startsWith(title)) ?? '', 'sh');

const blocks = (text: string, language: string) =>
  [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, kind]) => kind === language)
    .map(([, , body = '']) => body);
