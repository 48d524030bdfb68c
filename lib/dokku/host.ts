import { AddonsError } from '../errors.ts';
import { type CapturedRun, runCaptured } from '../scripts/captured-run.ts';
import type { Plugn } from './plugn.ts';

/** What the plugin asks the Dokku that it runs in. */
export interface Host {
  /** That the app exists and this user may use it. @throws {AddonsError} `app-not-found` in Dokku's own words */
  verifyApp(app: string): Promise<void>;
  /** Those of the apps that exist and that this user may use, in their order. */
  visible(apps: readonly string[]): Promise<string[]>;
  /** Restarts the app with its new config. Gives false where Dokku could not; it has said why. */
  restart(app: string, stdout: number, signal: AbortSignal): Promise<boolean>;
}

export interface HostOptions {
  env: Readonly<Record<string, string | undefined>>;
  plugn: Plugn;
  outputs: string;
}

export function openHost({ env, plugn, outputs }: HostOptions): Host {
  const dokku = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const ask = (program: string, apps: readonly string[]) =>
    runCaptured(
      {
        path: '/usr/bin/env',
        args: ['bash', '-c', `${PRELUDE}${program}`, 'addons', ...apps],
        // A trace would be taken for what was said.
        env: { ...dokku, DOKKU_TRACE: '' },
        cwd: '/',
        timeout: TIMEOUT,
      },
      outputs,
      MOST,
    );
  return {
    async verifyApp(app) {
      const run = await ask('verify_app_name "$1"', [app]);
      if (run.exit !== 0) throw refused(app, run);
    },
    async visible(apps) {
      if (apps.length === 0) return [];
      const run = await ask('for app; do (verify_app_name "$app") &>/dev/null && echo "$app"; done; true', apps);
      const names = new Set(run.out.toString().split('\n'));
      return apps.filter((app) => names.has(app));
    },
    restart: async (app, stdout, signal) => (await plugn.hand('app-restart', [app], stdout, signal)) === 0,
  };
}

const PRELUDE = 'source "$PLUGIN_CORE_AVAILABLE_PATH/common/functions" || exit 1\n';
const TIMEOUT = 60_000; // ms
const MOST = 1024 * 1024; // bytes

/** Dokku's own sentence, without the mark before it. */
function refused(app: string, { exit, err }: CapturedRun): AddonsError {
  const said = err
    .toString()
    .split('\n')
    .map((line) => line.replace(/^ ! +/, '').trim())
    .filter((line) => line !== '');
  return new AddonsError(
    exit === APP_NOT_FOUND ? 'app-not-found' : 'permission',
    said.at(-1) ?? `Dokku does not let this user use the app ${app}.`,
    { details: { app } },
  );
}

/** Dokku's exit status for an app that does not exist. */
export const APP_NOT_FOUND = 20;
