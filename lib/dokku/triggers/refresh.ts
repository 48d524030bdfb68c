import { listed } from '../../cli/wording.ts';
import type { TriggerCall } from './trigger.ts';

/** Starts what is stopped and sets what has changed. Dokku is about to start the app: it is not restarted for this. */
export async function refresh({ call, addons }: TriggerCall, app: string): Promise<void> {
  const { changed, warnings } = await addons.release(app, call.options);
  for (const warning of warnings) call.report.warn(warning);
  if (changed.length > 0) call.report.progress({ type: 'step', message: `Setting ${listed(changed)}` });
}
