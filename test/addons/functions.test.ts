import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { needs } from '../require.ts';

const FUNCTIONS = fileURLToPath(new URL('../../addons/functions.sh', import.meta.url));

describe.each(['dash', 'bash'].filter((shell) => needs(shell)))('functions.sh in %s', (shell) => {
  const run = (program: string, env: Record<string, string> = {}) => {
    const { status, stdout, stderr } = spawnSync(
      shell,
      ['-euc', `. ${FUNCTIONS}\n${program}`, '/an/add-on/provision'],
      {
        env: { PATH: '/usr/bin:/bin', ...env },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'], // bash on a socket believes that it was called from afar, and reads more
      },
    );
    return { status, stdout, stderr };
  };

  test('makes ids, and refuses what is none', () => {
    expect(run('addons_id shop', { ADDONS_OP_ID: 'op1' }).stdout).toBe('shop-op1\n');
    expect(run('addons_id shop').status).not.toBe(0);
    expect(run('addons_check_id shop-op1; echo fine')).toMatchObject({ status: 0, stdout: 'fine\n' });
    for (const id of ['', '.', '../x', 'a/b', '-x'])
      expect(run(`addons_check_id '${id}'; echo fine`)).toEqual({
        ...{ status: 1, stdout: '', stderr: `provision: "${id}" is not an id of this add-on.\n` },
      });
  });

  test('makes secrets', () => {
    const secrets = run('addons_secret; addons_secret; addons_secret 4').stdout.trim().split('\n');
    expect(secrets.map((secret) => /^[0-9a-f]+$/.test(secret) && secret.length)).toEqual([32, 32, 8]);
    expect(secrets[0]).not.toBe(secrets[1]);
  });

  test('encodes for URLs, byte by byte', () => {
    const text = 'a b/é?\'"%#@:-._~\u{1f600}';
    expect(run('addons_percent_encoded "$TEXT"', { TEXT: text, LC_ALL: 'C.UTF-8' }).stdout.trim()).toBe(
      text.split('/').map(encodeURIComponent).join('/').replaceAll("'", '%27'),
    );
    expect(run('addons_percent_encoded ""').stdout).toBe('\n');
  });

  test('speaks to people on stderr, and fails with a word', () => {
    expect(run('addons_say "Making it"; addons_fail "no room"')).toEqual({
      ...{ status: 1, stdout: '', stderr: '-----> Making it\nprovision: no room\n' },
    });
  });

  test('finds the app of a plugin’s command', () => {
    expect(run('addons_app typed', { X_APP_NAME: 'used' }).stdout).toBe('typed\n');
    expect(run('addons_app', { X_APP_NAME: 'used' }).stdout).toBe('used\n');
    expect(run('addons_app ""', { ADDONS_PLATFORM: 'my-paas', MY_PAAS_APP_NAME: 'there' }).stdout).toBe('there\n');
    expect(run('addons_app')).toMatchObject({ status: 1, stderr: 'provision: Name an app, or set X_APP_NAME.\n' });
    expect(run('addons_not_mine').status).toBe(10);
  });

  test('makes durable, and traces where that is asked for', () => {
    expect(run('addons_durable /tmp; echo done').stdout).toBe('done\n');
    expect(run(': traced-$((6 * 7))', { ADDON_TRACE: '1' }).stderr).toContain('+ : traced-42');
    expect(run(': quiet').stderr).toBe('');
  });
});
