import { describe, expect, test } from 'vitest';
import type { InstallResult } from '../../../lib/operations/results.ts';
import { fakeAddons } from '../fixtures/fake-addons.ts';
import { type } from '../fixtures/type.ts';

describe('install', () => {
  test('a shipped add-on by another name: what apps get, and what comes next', async () => {
    const seen = await type(['install', 'redis', '--as', 'queue']);
    expect(seen).toMatchObject({
      status: 0,
      calls: ['install redis as queue'],
      stdout: 'Installed queue 1.0.0 from redis: apps get X_QUEUE_URL. Next: addons enable queue\n',
    });
  });

  test.each([
    ['./vault', '/srv/here/vault'],
    ['../vault/', '/srv/vault'],
    ['/opt/vault', '/opt/vault'],
    ['vault/', '/srv/here/vault'],
    ['.', '/srv/here'],
    ['..', '/srv'],
    ['vault', 'vault'],
  ])('%s is looked for where the command is typed', async (word, source) => {
    expect((await type(['install', word], { cwd: '/srv/here' })).calls).toEqual([`install ${source}`]);
  });

  test('says where the configuration is overridden', async () => {
    const result: InstallResult = {
      ...(await fakeAddons([]).install('/srv/vault')),
      overrides: '/srv/demo/etc/add-ons.d/vault.toml',
    };
    const typed = (outcome: InstallResult['outcome']) =>
      type(['install', '/srv/vault'], { addons: { install: async () => ({ ...result, outcome }) } });
    const told = 'Its configuration is overridden by /srv/demo/etc/add-ons.d/vault.toml.\n';
    expect((await typed('done')).stdout).toContain(told);
    expect((await typed('unchanged')).stdout).toBe(`vault 1.0.0 is installed already, just as in /srv/vault.\n${told}`);
  });

  test('--dry-run shows what would be copied; --quiet nothing', async () => {
    expect(await type(['install', '/srv/vault', '--dry-run'])).toMatchObject({
      calls: ['install /srv/vault (dry)'],
      stdout: 'Would install vault (X_VAULT_URL):\n  - copy /srv/vault\n',
    });
    expect((await type(['install', '/srv/vault', '--quiet'])).stdout).toBe('');
  });

  test('takes one source', async () => {
    expect((await type(['install'])).status).toBe(2);
    expect((await type(['install', 'db', 'redis'])).status).toBe(2);
  });
});

describe('uninstall', () => {
  test('several at once; what is left is told', async () => {
    const seen = await type(['uninstall', 'vault', 'redis', 'db', 'queue']);
    expect(seen.calls).toEqual(['uninstall vault', 'uninstall redis', 'uninstall db', 'uninstall queue']);
    expect(seen.stdout).toBe(
      'Uninstalled vault.\nWhat it kept in /srv/demo/apps/.add-ons/vault was left.\n' +
        'redis is not installed.\nUninstalled queue.\n4 add-ons: 2 done, 1 unchanged, 1 failed (db).\n',
    );
    expect(seen).toMatchObject({ status: 4, stderr: ' !     db is enabled.\n       Run: addons disable db\n' });
  });

  test('--dry-run', async () => {
    expect(await type(['uninstall', 'vault', '--dry-run'])).toMatchObject({
      calls: ['uninstall vault (dry)'],
      stdout: 'Would uninstall vault:\n  - remove it\nWhat it kept in /srv/demo/apps/.add-ons/vault stays.\n',
    });
  });
});

test('info says where each value comes from, where there is more than one place', async () => {
  const info = await fakeAddons([]).info('db');
  const overrides = '/srv/demo/etc/add-ons.d/db.toml';
  const addons = {
    info: async () => ({ ...info, overrides, overridden: ['journal_mode'], from: { journal_mode: overrides } }),
  };
  const { stdout } = await type(['info', 'db'], { addons });
  expect(stdout).toContain(`Overrides in:  ${overrides}\n`);
  expect(stdout).toContain(
    `CONFIGURATION   VALUE       FROM\njournal_mode    wal         ${overrides}\nadmin_password  [redacted]  addon.toml\n`,
  );
});
