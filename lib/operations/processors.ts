import { AddonsError } from '../errors.ts';
import { processorStates } from '../processors/chain.ts';
import { loadAddon } from '../scripts/addon.ts';
import { installedNames } from './addons.ts';
import type { Context } from './context.ts';
import type { ProcessorsResult } from './results.ts';

/** The processors that there are, and which add-ons' executions go through them. Reads only. */
export async function processors(context: Context): Promise<ProcessorsResult> {
  const { unreadable, ...found } = await processorsOfReadable(context);
  return { ...found, problems: [...unreadable, ...found.problems] };
}

/** Those that add-ons name, and why other add-ons cannot be understood. */
export async function processorsOfReadable({
  store,
  scripts,
}: Context): Promise<ProcessorsResult & { unreadable: string[] }> {
  const unreadable: string[] = [];
  const addons = installedNames(store.platform).flatMap((name) => {
    try {
      return [loadAddon(store.platform, name, scripts)];
    } catch (error) {
      if (!(error instanceof AddonsError)) throw error;
      unreadable.push(error.message);
      return [];
    }
  });
  return { ...(await processorStates(store, scripts, addons)), unreadable };
}
