import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { AddonsError, fromSystem, systemCode } from '../errors.ts';
import { findApp } from '../state/apps.ts';
import type { Context } from './context.ts';
import { readVariables } from './drift.ts';
import { resourceWith } from './dump.ts';
import { logged } from './logged.ts';
import { runPlain } from './plain-script.ts';
import type { RestoreResult } from './results.ts';
import { url } from './url.ts';

/** Overwrites the resource's data with a dump. The caller has asked. */
export async function restore(
  context: Context,
  appName: string,
  addonName: string,
  from: { file: string } | { fd: number },
): Promise<RestoreResult> {
  const { addon, line } = resourceWith(context, appName, addonName, 'restore');
  const result = { app: appName, addon: addonName };
  const opened = 'file' in from ? open(from.file) : undefined;
  const silent = openSync('/dev/null', 'w'); // its stdout has no meaning
  try {
    refuseEmpty(opened ?? ('fd' in from ? from.fd : 0));
    if (context.dryRun) return { ...result, outcome: 'planned' };
    return await logged(context, { what: 'restore', ...result, always: true }, async () => {
      context.tell({ type: 'step', message: `Restoring ${addonName} of ${appName}` });
      const stdin = opened ?? ('fd' in from ? from.fd : 0);
      const args = [line.id, line.private];
      const streams = { stdin, stdout: silent };
      await runPlain(context, { addon, script: 'restore', args, app: appName, ...streams, secrets: [line.private] });
      await tellIfMoved(context, appName, addonName);
      return { ...result, outcome: 'done' };
    });
  } finally {
    closeSync(silent);
    if (opened !== undefined) closeSync(opened);
  }
}

/** A server that was started anew may have another address. */
async function tellIfMoved(context: Context, app: string, addon: string): Promise<void> {
  const { store } = context;
  const variable = store.platform.configVar(addon);
  const known = (await readVariables(store, findApp(store.platform, app))).env?.get(variable);
  const now = known === undefined ? undefined : await url(context, app, addon).catch(() => undefined);
  if (now === known || now === undefined) return;
  context.tell({ type: 'warning', message: `${variable} of ${app} is another one now: addons release ${app}` });
}

/** What a dump that failed leaves: a pipe may be empty as well, which only the script can see. */
function refuseEmpty(fd: number): void {
  const { size, rdev, ...stat } = fstatSync(fd);
  const isNothing = (stat.mode & constants.S_IFMT) === constants.S_IFREG ? size === 0 : rdev === NULL_DEVICE;
  if (!isNothing) return;
  throw new AddonsError('usage', 'The dump is empty: nothing was restored.', {
    hint: 'Make one with: addons dump <app> <addon> -o FILE',
  });
}

/** `/dev/null` of Linux. */
const NULL_DEVICE = 0x103;

function open(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw fromSystem(error, file);
    throw new AddonsError('usage', `There is no file ${file} to restore from.`, {
      hint: 'Make one with: addons dump <app> <addon> -o FILE',
      cause: error,
    });
  }
}
