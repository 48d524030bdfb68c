import { AddonsError } from '../errors.ts';
import { isInstalled, readDescriptor, realRoot } from '../scripts/addon.ts';
import { readRegularFile } from '../state/atomic-file.ts';
import { jobLog, jobRecord } from '../state/cron-state.ts';
import { isEnabled } from '../state/markers.ts';
import type { Store } from '../state/store.ts';
import { installedDescriptor, installedNames } from './addons.ts';
import type { Context } from './context.ts';
import type { JobState, LastRun } from './results.ts';

/**
 * The cron jobs of one installed add-on, or of all, and how each last ended. Reads files only. Of all, those whose `addon.toml`
 * cannot be read are left out.
 *
 * @throws {AddonsError} `addon-not-found`, `malformed`
 */
export function cron(context: Context, addon?: string): JobState[] {
  const { store } = context;
  if (addon !== undefined) return jobsOf(store, addon, installedDescriptor(context, addon).cron);
  return installedNames(store.platform).flatMap((name) => {
    try {
      return isInstalled(store.platform, name)
        ? jobsOf(store, name, readDescriptor(realRoot(store.platform, name)).cron)
        : [];
    } catch (error) {
      if (error instanceof AddonsError && error.code === 'malformed') return []; // "check" tells of it
      throw error;
    }
  });
}

const jobsOf = (store: Store, addon: string, jobs: ReturnType<typeof readDescriptor>['cron']): JobState[] =>
  jobs.map(({ name, schedule, command, timeout }) => {
    const last = lastRun(jobRecord(store, addon, name));
    return {
      addon,
      job: name,
      schedule,
      command,
      timeout,
      enabled: isEnabled(store, addon),
      log: jobLog(store, addon, name),
      ...(last && { last }),
    };
  });

/** Undefined where there is none, or none that can be understood: it only tells people. */
function lastRun(path: string): LastRun | undefined {
  try {
    const { begun, ended, status } = JSON.parse(readRegularFile(path).bytes.toString());
    const isWhole = [begun, ended].every((time) => !Number.isNaN(Date.parse(time))) && Number.isInteger(status);
    return isWhole ? { begun, ended, status } : undefined;
  } catch {
    return undefined;
  }
}
