import { closeSync, constants, fstatSync, fsyncSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Resource } from '../app/addons-file.ts';
import { AddonsError, fromSystem } from '../errors.ts';
import type { Addon } from '../scripts/addon.ts';
import { hasScript } from '../scripts/locate.ts';
import { lineOf } from '../state/app-files.ts';
import { findApp } from '../state/apps.ts';
import { temporaryPath } from '../state/atomic-file.ts';
import { enabledAddon } from './addons.ts';
import type { Context } from './context.ts';
import { logged } from './logged.ts';
import { noResource } from './no-resource.ts';
import { runPlain } from './plain-script.ts';
import type { DumpResult } from './results.ts';

/** Writes the resource's data to a new file, whole or not at all, or to a device, a pipe or an open descriptor. */
export async function dump(
  context: Context,
  appName: string,
  addonName: string,
  to: { file: string } | { fd: number },
): Promise<DumpResult> {
  const { addon, line } = resourceWith(context, appName, addonName, 'dump');
  const result = { app: appName, addon: addonName };
  if (context.dryRun) return { ...result, outcome: 'planned' };
  return logged(context, { what: 'dump', ...result }, async () => {
    context.tell({ type: 'step', message: `Dumping ${addonName} of ${appName}` });
    const run = (stdout: number) =>
      runPlain(context, {
        addon,
        script: 'dump',
        args: [line.id, line.private],
        app: appName,
        stdout,
        secrets: [line.private],
      });
    const bytes = 'file' in to ? await intoFile(context, resolve(to.file), run) : await run(to.fd);
    return { ...result, outcome: 'done', ...(bytes !== undefined && { bytes }) };
  });
}

/** The add-on, enabled and with this optional script, and the app's line. */
export function resourceWith(
  context: Context,
  appName: string,
  addonName: string,
  script: 'dump' | 'restore',
): { addon: Addon; line: Resource } {
  const app = findApp(context.store.platform, appName);
  const addon = enabledAddon(context, addonName);
  const line = lineOf(app, addonName);
  if (line === undefined) throw noResource(context, appName, addonName);
  if (hasScript(addon.root, script)) return { addon, line };
  throw new AddonsError('script-not-found', `The add-on ${addonName} has no ${script} script.`, {
    hint: `Ask its author for one; docs/writing-add-ons.md says what it must do.`,
    details: { addon: addonName, script },
  });
}

async function intoFile(
  { store }: Context,
  file: string,
  run: (stdout: number) => Promise<void>,
): Promise<number | undefined> {
  if (isStream(file)) return intoStream(file, run);
  const temporary = temporaryPath(file);
  try {
    const fd = openSync(
      temporary,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      0o600,
    );
    let bytes: number;
    try {
      await run(fd);
      fsyncSync(fd);
      bytes = fstatSync(fd).size;
    } finally {
      closeSync(fd);
    }
    if (bytes === 0) throw emptyDump(file);
    await store.disk.rename(temporary, file);
    await store.disk.sync(dirname(file));
    return bytes;
  } catch (error) {
    await store.disk.unlink(temporary).catch(() => {});
    throw fromSystem(error, file);
  }
}

/** A device or a pipe: a rename would put a file in place of `/dev/null` itself. */
function isStream(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

async function intoStream(path: string, run: (stdout: number) => Promise<void>): Promise<undefined> {
  const fd = openSync(path, constants.O_WRONLY);
  try {
    await run(fd);
  } finally {
    closeSync(fd);
  }
}

const emptyDump = (file: string) =>
  new AddonsError('script-output', `The dump is empty, so ${file} was not written.`, {
    hint: "An empty dump cannot be restored: look at the add-on's dump script.",
  });
