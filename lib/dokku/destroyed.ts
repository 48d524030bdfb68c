import { existsSync } from 'node:fs';
import { AddonsError } from '../errors.ts';
import type { Addons, CallOptions } from '../operations/results.ts';
import { isRoot } from '../state/directory.ts';
import { nodeDisk } from '../state/disk.ts';
import { destroyedMark, isDestroyed, removeAppDirectory } from './app-directory.ts';

/** Dokku has destroyed the app: whatever happens from here on, what it had is never anybody else's. */
export async function markDestroyed({ platform }: Addons, app: string): Promise<void> {
  const path = destroyedMark(platform, app);
  if (existsSync(path)) return;
  await nodeDisk.createFile(path, '', undefined);
  await nodeDisk.sync(platform.appDir(app));
}

/**
 * Removes what a destroyed app still has, and its directory.
 *
 * @throws {AddonsError} why something is left; the directory stays then, and with it the mark
 */
export async function finishDestroyed(addons: Addons, app: string, options: CallOptions): Promise<void> {
  await addons.delete(app, options);
  const { resources, malformed } = await addons.list(app);
  const [line] = malformed;
  if (line) throw unreadable(addons, app, line.line);
  if (resources.length > 0)
    throw new AddonsError('busy', `The destroyed app ${app} still has add-ons.`, { hint: AGAIN });
  removeAppDirectory(addons.platform, app);
}

/** A new app of that name must not get what the old one had. @throws as `finishDestroyed` */
export async function clearDestroyed(addons: Addons, app: string, options: CallOptions): Promise<void> {
  if (isDestroyed(addons.platform, app)) await finishDestroyed(addons, app, options);
}

const AGAIN = 'Run the command again, or: addons check --fix';

const unreadable = ({ platform }: Addons, app: string, line: number) =>
  new AddonsError(
    'malformed',
    `Line ${line} of ${platform.appDir(app)}/ADDONS is of a destroyed app and is no resource.`,
    {
      hint: `Look at it, delete it${isRoot() ? '' : ' as root'}, then: addons check --fix`,
      details: { app },
    },
  );
