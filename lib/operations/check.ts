import { allApps } from '../state/apps.ts';
import { entryIds } from '../state/journal.ts';
import { installedNames } from './addons.ts';
import { findAll } from './check/findings.ts';
import type { Context } from './context.ts';
import type { CheckResult } from './results.ts';

/** Looks at everything; changes nothing but with `fix`. Runs `url` and `list` scripts. */
export async function check(context: Context, fix = false): Promise<CheckResult> {
  const { platform } = context.store;
  const found = fix ? await fixAll(context) : { findings: await findAll(context), fixed: [] };
  return {
    ...found,
    apps: allApps(platform).length,
    addons: installedNames(platform).length,
    operations: entryIds(context.store).length,
  };
}

async function fixAll(context: Context): Promise<Pick<CheckResult, 'findings' | 'fixed'>> {
  const { fix } = await import('./check/fix.ts');
  return fix(context);
}
