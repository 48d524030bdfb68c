import { closeSync, existsSync, openSync } from 'node:fs';
import { isInstalled, loadAddon, withRoot } from '../scripts/addon.ts';
import { hasScript } from '../scripts/locate.ts';
import type { Context } from './context.ts';
import { runPlain } from './plain-script.ts';

/**
 * Runs the `postinstall` of files that are not in force yet, where they have one.
 *
 * @throws {AddonsError} where it fails; data that it began are gone then, unless there were some before
 */
export async function runPostinstall(context: Context, name: string, root: string): Promise<void> {
  const { store, tell } = context;
  if (!hasScript(root, 'postinstall')) return;
  tell({ type: 'step', message: `Running postinstall of ${name}` });
  const addon = loadAddon(withRoot(store.platform, name, root), name, context.scripts, context.timeout);
  const data = store.platform.addonData(name);
  const isFirst = !existsSync(data);
  const nowhere = openSync('/dev/null', 'w');
  try {
    await runPlain(context, { addon, script: 'postinstall', args: [], stdout: nowhere, secrets: [] });
  } catch (error) {
    if (isFirst && !isInstalled(store.platform, name)) await store.disk.removeTree(data);
    throw error;
  } finally {
    closeSync(nowhere);
  }
}
