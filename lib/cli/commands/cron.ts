import type { JobState } from '../../operations/results.ts';
import type { Command } from '../call.ts';
import { table } from '../table.ts';
import { timeAgo } from '../time-ago.ts';

/** `addons cron [addon]` */
export const cron: Command = async (call) => {
  const addon = call.one('addon');
  const jobs = await (await call.addons()).cron(addon);
  if (jobs.length === 0)
    call.report.note(addon === undefined ? 'No add-on has cron jobs.' : `${addon} has no cron jobs.`);
  else await call.print(table(['ADD-ON', 'JOB', 'SCHEDULE', 'STATE', 'LAST RUN'], jobs.map(cells)));
  return { result: { jobs } };
};

const cells = ({ addon, job, schedule, enabled, last }: JobState): string[] => [
  addon,
  job,
  schedule,
  enabled ? 'enabled' : 'disabled',
  last === undefined ? 'never' : `${timeAgo(new Date(last.begun))}, exit status ${last.status}`,
];
