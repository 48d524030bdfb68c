import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** What a command did. */
export interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs a command as in a terminal of a user who has set nothing up: npm's cache, configuration and global prefix lie in
 * `directory`, and it reaches no network.
 */
export function runIn(directory: string, cwd: string, program: string, words: string[], more: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(program, words, {
    cwd,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      HOME: directory,
      ADDONS_HOME: join(directory, 'home'),
      npm_config_cache: join(directory, 'npm-cache'),
      npm_config_userconfig: join(directory, 'npmrc'),
      npm_config_globalconfig: join(directory, 'npmrc-global'),
      npm_config_prefix: join(directory, 'global'),
      npm_config_offline: 'true',
      npm_config_audit: 'false',
      npm_config_fund: 'false',
      npm_config_update_notifier: 'false',
      ...more,
    },
  });
  return { status, stdout, stderr } satisfies Ran;
}

/** Its stdout. @throws with all that it said, if it failed */
export function succeeds({ status, stdout, stderr }: Ran): string {
  if (status !== 0) throw new Error(`It ended with status ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}
