import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Flags } from '../../lib/cli/options.ts';
import { settingsPath, settle } from '../../lib/cli/settings.ts';
import { parseSettings } from '../../lib/cli/settings-file.ts';
import { type } from './fixtures/type.ts';

const sources = (flags: Flags, env: Record<string, string>) => ({ flags, env, cwd: '/project' });
const at = (flags: Flags, env: Record<string, string> = {}, file = {}) => settle(sources(flags, env), file);

describe('flag before environment before file before default', () => {
  test.each([
    [{}, {}, {}, { name: 'x' }],
    [{ platform: 'acme' }, { ADDONS_PLATFORM: 'other' }, {}, { name: 'acme' }],
    [{}, { ADDONS_PLATFORM: 'acme', ACME_ROOT: '/apps', X_ROOT: '/no' }, {}, { name: 'acme', appsRoot: '/apps' }],
    [{ home: '/h' }, { X_ROOT: '/apps', ADDONS_HOME: '/no' }, { appsRoot: '/no' }, { home: '/h' }],
    [{}, { X_ROOT: '/apps', ADDONS_HOME: '/h' }, {}, { home: '/h', appsRoot: '/apps' }],
    [{}, { ADDONS_HOME: 'demo' }, { appsRoot: '/no', libRoot: '/no' }, { home: '/project/demo' }],
    [{}, { X_LIB_ROOT: '/lib' }, { appsRoot: '/a', libRoot: '/no' }, { libRoot: '/lib', appsRoot: '/a' }],
    [{}, { ADDONS_HOME: '', X_ROOT: '' }, { appsRoot: '/a' }, { appsRoot: '/a', home: undefined }],
  ])('flags %j, environment %j, file %j', (flags, env, file, expected) => {
    const { paths } = at(flags, env, file);
    expect(paths).toMatchObject(expected);
    for (const [key, value] of Object.entries(paths))
      if (!(key in expected) && key !== 'name') expect(value, key).toBeUndefined();
  });

  test('waiting', () => {
    expect(at({}).wait).toBe(30);
    expect(at({}, {}, { wait: 5 }).wait).toBe(5);
    expect(at({ wait: '0' }, {}, { wait: 5 }).wait).toBe(0);
    expect(at({ timeout: '1.5' }).timeout).toBe(1.5);
  });

  test('the file lies where flag and environment say', () => {
    expect(settingsPath(sources({}, {}))).toBe('/etc/x/addons.toml');
    expect(settingsPath(sources({ home: 'demo' }, {}))).toBe('/project/demo/etc/addons.toml');
    expect(settingsPath(sources({}, { X_ETC_ROOT: '/e' }))).toBe('/e/addons.toml');
  });
});

test.each(['-1', 'long', '', '1e3', '999999999', 'Infinity', '0x10'])('--wait %j is refused', (wait) => {
  expect(() => at({ wait })).toThrow(/--wait/);
});

test.each(['0', '-5'])('--timeout %j is refused', (timeout) => {
  expect(() => at({ timeout })).toThrow(/--timeout/);
});

test('a bad platform name is refused', () => {
  expect(() => at({ platform: '../x' })).toThrow(/platform/);
  expect(() => at({}, { ADDONS_PLATFORM: 'A B' })).toThrow(/platform/);
});

describe('addons.toml', () => {
  const read = (text: string) => parseSettings(text, '/etc/x/addons.toml', parse);

  test('is read; tables belong to others', () => {
    const text = 'apps_root = "/a"\nlib_root = "/l"\nwait = 3\n[profiles.small]\nx = 1\n';
    expect(read(text)).toEqual({ appsRoot: '/a', libRoot: '/l', wait: 3 });
  });

  test.each([
    ['wiat = 3', /"wiat".*Did you mean "wait"/],
    ['wait = "3"', /wait must be a number of seconds/],
    ['wait = -1', /wait must be/],
    ['apps_root = "a"', /apps_root must be an absolute path/],
    ['password = hunter2 =', /not valid TOML at line 1\.$/],
  ])('%s is refused', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});

describe('a settings file on disk', () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'addons-settings-'));
    await mkdir(join(home, 'etc'));
  });
  afterEach(() => rm(home, { recursive: true }));

  test('reaches the library', async () => {
    await writeFile(join(home, 'etc/addons.toml'), 'wait = 7\n');
    const seen = await type(['list', '--home', home]);
    expect(seen.opened[0]).toMatchObject({ name: 'x', home, wait: 7 });
  });

  test('that is broken stops what needs a platform, and only that', async () => {
    await writeFile(join(home, 'etc/addons.toml'), 'wait = \n');
    expect(await type(['list', '--home', home])).toMatchObject({ status: 1, opened: [] });
    expect(await type(['help', '--home', home])).toMatchObject({ status: 0, stderr: '' });
  });
});
