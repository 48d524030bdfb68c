import { allApps } from '../state/apps.ts';
import { entryIds } from '../state/journal.ts';
import { installedNames } from './addons.ts';
import { checkAddons } from './check/addons.ts';
import { checkApps } from './check/apps.ts';
import { checkConfigVars } from './check/config-vars.ts';
import { checkJournal } from './check/journal.ts';
import { checkPermissions } from './check/permissions.ts';
import { checkResources } from './check/resources.ts';
import type { Context } from './context.ts';
import type { CheckResult } from './results.ts';

/** Looks at everything and changes nothing. Runs `url` and `list` scripts. */
export async function check(context: Context): Promise<CheckResult> {
  const { store } = context;
  const findings = [
    ...checkJournal(context),
    ...checkAddons(context),
    ...checkApps(context),
    ...checkPermissions(context),
    ...(await checkResources(context)),
    ...(await checkConfigVars(context)),
  ];
  return {
    findings,
    apps: allApps(store.platform).length,
    addons: installedNames(store.platform).length,
    operations: entryIds(store).length,
  };
}
