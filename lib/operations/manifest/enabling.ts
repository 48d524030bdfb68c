import { AddonsError } from '../../errors.ts';
import { isInstalled } from '../../scripts/addon.ts';
import { isEnabled } from '../../state/markers.ts';
import type { Context } from '../context.ts';
import type { UnderWay } from './under-way.ts';

/** Which of the add-ons that are wanted must be enabled first, and which cannot be; each is looked at once. */
export interface Enabling {
  want(addon: string): Promise<void>;
  wanted: string[];
  problems: AddonsError[];
}

export function enablingOf(context: Context, open: UnderWay): Enabling {
  const { store } = context;
  const seen = new Set<string>();
  const wanted: string[] = [];
  const problems: AddonsError[] = [];
  return { want, wanted, problems };

  async function want(addon: string) {
    if (seen.has(addon)) return;
    seen.add(addon);
    problems.push(...open.ofAddon(addon));
    if (isEnabled(store, addon) && isInstalled(store.platform, addon)) return;
    try {
      // Loaded only here: where nothing is to do, nothing is paid for.
      const { enable } = await import('../enable.ts');
      await enable({ ...context, dryRun: true }, addon);
      wanted.push(addon);
    } catch (error) {
      if (!(error instanceof AddonsError)) throw error;
      problems.push(error);
    }
  }
}
