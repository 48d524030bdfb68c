import { existsSync, statSync } from 'node:fs';
import { AddonsError } from '../errors.ts';
import { isInstalled, readDescriptor, realRoot } from '../scripts/addon.ts';
import { announceChange, announced, mayBeInCrontab } from '../state/cron-state.ts';
import { isEnabled } from '../state/markers.ts';
import type { Context } from './context.ts';

// The crontab holds the jobs of the add-ons that are enabled. So it is brought in line after every change of that, and where the
// process died before, by the next command. Nothing of it is loaded for add-ons without jobs.

/**
 * Does what may change an add-on's jobs, then brings the crontab in line.
 *
 * @param root where the files lie that will be in force
 * @throws what `work` throws; `io`, `permission`, `malformed`, `busy`, `conflict` where the crontab could not be changed: `work` was done
 */
export async function keepingCrontab<T>(
  context: Context,
  name: string,
  root: string,
  work: () => Promise<T>,
): Promise<T> {
  if (!hasJobs(context, name, root)) return work();
  const { store } = context;
  const announcement = await announceChange(store, name);
  try {
    const result = await work();
    await bringInLine(context, name, 'It was done, but the');
    return result;
  } finally {
    await store.disk.unlink(announcement); // who lives is told of a failure, and "check" finds it
  }
}

/** Brings the crontab in line for an add-on of which it may differ. @throws as `keepingCrontab` */
export async function refreshCrontab(context: Context, name: string): Promise<void> {
  if (hasJobs(context, name, rootIfInstalled(context, name))) await bringInLine(context, name);
}

/** What a dead process announced. What cannot be done is a warning, and left to the next one. */
export async function settleCrontab(context: Context): Promise<void> {
  const { store, tell } = context;
  if (!existsSync(store.platform.cron)) return;
  for (const { addon, paths } of announced(store)) {
    try {
      await bringInLine(context, addon);
      for (const path of paths) await store.disk.unlink(path);
    } catch (error) {
      if (!(error instanceof AddonsError) || error.code === 'aborted') throw error;
      tell({ type: 'warning', message: error.message });
    }
  }
}

/** Takes what a disable could not take out of the crontab, before the add-on goes. @throws as `keepingCrontab` */
export async function clearCrontab(context: Context, name: string): Promise<void> {
  const { store, scripts } = context;
  if (scripts.program === false || !mayBeInCrontab(store, name) || isEnabled(store, name)) return;
  await bringInLine(context, name);
}

/** What it does to the crontab that the add-on is enabled, for a plan. */
export const putSteps = (context: Context, name: string): string[] =>
  hasJobs(context, name, rootIfInstalled(context, name)) ? [`put the jobs of ${name} in the crontab`] : [];

/** What it does to the crontab that the add-on is disabled or goes, for a plan. */
export const takeSteps = ({ store, scripts }: Context, name: string): string[] =>
  scripts.program !== false && mayBeInCrontab(store, name) ? [`take the jobs of ${name} out of the crontab`] : [];

const rootIfInstalled = ({ store }: Context, name: string): string | undefined =>
  isInstalled(store.platform, name) ? realRoot(store.platform, name) : undefined;

function hasJobs({ store, scripts }: Context, name: string, root: string | undefined): boolean {
  if (scripts.program === false) return false;
  if (mayBeInCrontab(store, name)) return true;
  return (
    root !== undefined &&
    statSync(root, { throwIfNoEntry: false }) !== undefined &&
    readDescriptor(root).cron.length > 0
  );
}

async function bringInLine(context: Context, name: string, beginning = 'The'): Promise<void> {
  const { syncCrontab } = await import('./sync-crontab.ts');
  try {
    await syncCrontab(context, [name]);
  } catch (error) {
    if (!(error instanceof AddonsError) || error.code === 'aborted') throw error;
    const { code, message, hint, details, cause } = error;
    throw new AddonsError(code, `${beginning} cron jobs of ${name} are not as they should be: ${message}`, {
      hint,
      details,
      cause,
    });
  }
}
