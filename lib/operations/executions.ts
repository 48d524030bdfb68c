import { storedExecutions } from '../processors/chain.ts';
import type { Context } from './context.ts';
import { refuseUnknown } from './log.ts';
import type { Execution, ExecutionsAbout } from './results.ts';

/** What the scripts did, as far as the history of each add-on goes; oldest first. Reads only. */
export async function executions(context: Context, about: ExecutionsAbout = {}): Promise<Execution[]> {
  const { addon, app, failed, id, last = 0 } = about;
  const all = await storedExecutions(context.store, addon);
  const found = all.filter(
    (one) =>
      (app === undefined || one.app === app) && (id === undefined || one.id === id) && (!failed || one.exit !== 0),
  );
  if (found.length === 0) refuseUnknown(context, { app, addon }, 'the history');
  return last > 0 ? found.slice(-last) : found;
}
