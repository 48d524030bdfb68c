import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { redactConfig } from '../../addon/configuration.ts';
import { AddonsError } from '../../errors.ts';
import type { Platform } from '../../platform.ts';
import { loadAddon } from '../../scripts/addon.ts';
import { type App, allApps } from '../../state/apps.ts';
import { installedNames } from '../addons.ts';
import type { Context } from '../context.ts';
import type { Finding } from '../results.ts';

/** Modes and owners of the files that hold secrets. */
export function checkPermissions(context: Context): Finding[] {
  const { store } = context;
  const { journal, locks, stamps, trash, log, executions, outputs, cron, logs, libRoot } = store.platform;
  const libOwner = stat(libRoot)?.uid;
  const own = [journal, locks, stamps, trash, log, executions, outputs, cron, logs].flatMap((path) => [
    ...wrongMode(path, 0o700),
    ...wrongOwner(path, libOwner, {}),
  ]);
  const configured = installedNames(store.platform).flatMap((name) => checkOverrides(context, name));
  return [...own, ...configured, ...allApps(store.platform).flatMap(checkApp)];
}

/** The group may be that of the platform's user, so nobody but the operator changes the mode. */
function checkOverrides({ store, scripts }: Context, addon: string): Finding[] {
  const { platform } = store;
  return [platform.addonConfig(addon), platform.addonOverrides(addon)].flatMap((path) => {
    if (wrongMode(path, 0o770).length === 0 || !holdsSecrets(platform, addon, scripts, path)) return [];
    const message = `Every user can read ${path}, which holds a secret.`;
    return [{ kind: 'mode', severity: 'error', message, hint: `chmod o-rwx ${path}`, path, addon }];
  });
}

/** What cannot be understood is told of elsewhere. */
function holdsSecrets(platform: Platform, addon: string, scripts: Context['scripts'], path: string): boolean {
  try {
    const { config, from } = loadAddon(platform, addon, scripts);
    const shown = redactConfig(config);
    return Object.keys(config).some((key) => from[key] === path && shown[key] !== config[key]);
  } catch (error) {
    if (error instanceof AddonsError) return false;
    throw error;
  }
}

function checkApp(app: App): Finding[] {
  return ['ADDONS', 'ENV', 'ADDONS.env'].flatMap((name) => {
    const path = join(app.dir, name);
    return [...wrongMode(path, 0o600, app.name), ...wrongOwner(path, app.owner.uid, { app: app.name })];
  });
}

function wrongMode(path: string, mode: number, app?: string): Finding[] {
  const found = stat(path);
  const wrong = found && found.mode & 0o777 & ~mode;
  if (!wrong) return [];
  return [
    {
      kind: 'mode',
      severity: 'error',
      message: `${path} has mode ${(found.mode & 0o777).toString(8)}: others can read what is secret.`,
      hint: `chmod ${mode.toString(8)} ${path}, or: addons check --fix`,
      path,
      ...(app !== undefined && { app }),
    },
  ];
}

function wrongOwner(path: string, uid: number | undefined, about: { app?: string }): Finding[] {
  const found = stat(path);
  if (found === undefined || uid === undefined || found.uid === uid) return [];
  return [
    {
      kind: 'owner',
      severity: 'error',
      message: `${path} belongs to user ${found.uid}, its directory to user ${uid}.`,
      hint: `chown ${uid} ${path}, or as root: addons check --fix`,
      path,
      ...about,
    },
  ];
}

/** A link has no mode of its own, and chmod by its name would hit what it points to; `unreadable` tells of it. */
function stat(path: string) {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isSymbolicLink() ? undefined : found;
}
