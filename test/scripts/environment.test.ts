import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describePlatform } from '../../lib/platform.ts';
import { SCRIPT_PATH, scriptEnvironment } from '../../lib/scripts/environment.ts';

const platform = describePlatform({ name: 'my-paas', home: '/srv/paas' });
const plain = { platform, addon: 'db', config: {}, passEnv: [], outside: {}, scriptPath: SCRIPT_PATH };

describe('the environment of a script', () => {
  test('holds what the contract promises, and nothing else', () => {
    const environment = scriptEnvironment({
      ...plain,
      config: { ADDON_CONFIG_PORT: '5432' },
      operation: 'op1',
      trace: true,
      home: '/home/someone',
    });
    expect(environment).toEqual({
      ADDON: 'db',
      ADDON_ROOT: '/srv/paas/lib/add-ons/db',
      ADDON_DATA: '/srv/paas/apps/.add-ons/db',
      ADDON_OVERRIDES: '/srv/paas/etc/add-ons.d/db.toml',
      ADDONS_PLATFORM: 'my-paas',
      ADDONS_OP_ID: 'op1',
      ADDON_CONFIG_PORT: '5432',
      MY_PAAS_TRACE: '1',
      ADDON_TRACE: '1',
      PATH: SCRIPT_PATH,
      HOME: '/home/someone',
      LANG: 'C.UTF-8',
    });
  });

  test('has no operation id and no trace variable where there is none', () => {
    const outside = { ADDONS_OP_ID: 'outer', MY_PAAS_TRACE: '1', ADDON_TRACE: '1' };
    const environment = scriptEnvironment({ ...plain, outside, passEnv: Object.keys(outside) });
    expect(environment).not.toHaveProperty('ADDONS_OP_ID');
    expect(environment).not.toHaveProperty('MY_PAAS_TRACE');
    expect(environment).not.toHaveProperty('ADDON_TRACE');
  });

  test('takes Docker, proxies, the time zone and what pass_env names from outside', () => {
    const passed = {
      DOCKER_HOST: 'tcp://d:1',
      HTTPS_PROXY: 'http://p',
      no_proxy: 'localhost',
      TZ: 'Europe/Rome',
      AWS_REGION: 'eu',
    };
    const outside = { ...passed, AWS_SECRET: 'x', EDITOR: 'vi', USER: 'me', UNSET: undefined };
    const environment = scriptEnvironment({ ...plain, outside, passEnv: ['AWS_REGION', 'UNSET'] });
    expect(environment).toMatchObject(passed);
    for (const name of ['AWS_SECRET', 'EDITOR', 'USER', 'UNSET']) expect(environment).not.toHaveProperty(name);
  });

  test('never takes what makes an interpreter or the linker run other code, even if pass_env names it', () => {
    const names = ['NODE_OPTIONS', 'BASH_ENV', 'ENV', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'SHELLOPTS', 'BASH_FUNC_ls%%'];
    const outside = Object.fromEntries(names.map((name) => [name, 'evil']));
    expect(Object.values(scriptEnvironment({ ...plain, outside, passEnv: names }))).not.toContain('evil');
  });

  test('what is promised cannot be overridden from outside', () => {
    const promised = scriptEnvironment({
      ...plain,
      config: { ADDON_CONFIG_PORT: '1' },
      operation: 'op',
      trace: true,
      home: '/h',
    });
    const names = fc.constantFrom(...Object.keys(promised), 'ADDONS_RUN', 'ADDON_CONFIG_OTHER');
    fc.assert(
      fc.property(fc.dictionary(names, fc.string()), (outside) => {
        const source = { ...plain, config: { ADDON_CONFIG_PORT: '1' }, operation: 'op', trace: true, home: '/h' };
        expect(scriptEnvironment({ ...source, outside, passEnv: Object.keys(outside) })).toEqual(promised);
      }),
    );
  });

  test('is enough for a real shell to find its programs', () => {
    const env = scriptEnvironment({ ...plain, outside: { PATH: '/nowhere' }, passEnv: ['PATH'] });
    expect(execFileSync('/bin/sh', ['-c', 'basename "$ADDON_DATA"'], { env, encoding: 'utf8' })).toBe('db\n');
  });
});
