import type { Context } from '../context.ts';
import type { Finding } from '../results.ts';
import { checkAddons } from './addons.ts';
import { checkApps } from './apps.ts';
import { checkConfigVars } from './config-vars.ts';
import { checkDaemons } from './daemons.ts';
import { checkExtensions } from './extensions.ts';
import { checkJournal } from './journal.ts';
import { checkNames } from './names.ts';
import { checkPermissions } from './permissions.ts';
import { checkResources } from './resources.ts';
import { checkKept, checkTrash } from './trash.ts';

/** Everything that is wrong now. Changes nothing. */
export const findAll = async (context: Context): Promise<Finding[]> => [
  ...checkJournal(context),
  ...checkTrash(context),
  ...checkKept(context),
  ...checkAddons(context),
  ...(await checkDaemons(context)),
  ...(await checkApps(context)),
  ...checkNames(context),
  ...checkPermissions(context),
  ...(await checkExtensions(context)),
  ...(await checkResources(context)),
  ...(await checkConfigVars(context)),
  ...(await (await import('./crontab.ts')).checkCrontab(context)),
];
