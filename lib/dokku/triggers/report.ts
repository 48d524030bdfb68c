import { reportText } from '../commands/report.ts';
import type { Trigger } from './trigger.ts';

/** `report APP`: ours among the reports of all plugins. */
export const reportTrigger: Trigger = async ({ call, addons }, [app = '']) => call.print(await reportText(addons, app));
