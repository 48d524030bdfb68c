import { AddonsError } from '../errors.ts';
import { processorStates } from '../processors/chain.ts';
import { loadAddon } from '../scripts/addon.ts';
import { installedNames } from './addons.ts';
import type { Context } from './context.ts';
import type { ProcessorsResult } from './results.ts';

/** The processors that there are, and which add-ons' executions go through them. Reads only. */
export async function processors({ store, scripts }: Context): Promise<ProcessorsResult> {
  const problems: string[] = [];
  const addons = installedNames(store.platform).flatMap((name) => {
    try {
      return [loadAddon(store.platform, name, scripts)];
    } catch (error) {
      if (!(error instanceof AddonsError)) throw error;
      problems.push(error.message);
      return [];
    }
  });
  const found = await processorStates(store, scripts, addons);
  return { ...found, problems: [...problems, ...found.problems] };
}
