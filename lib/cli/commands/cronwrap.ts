import type { Command } from '../call.ts';

/** `addons cronwrap <addon> <job>`: what the crontab calls. What cron would mail is only that a job failed. */
export const cronwrap: Command = async (call) => {
  const addon = call.given('addon');
  const job = call.given('job');
  const result = await (await call.addons()).runJob(addon, job, call.options);
  const { status = 0, log } = result;
  if (status !== 0) call.report.warn(`The job ${job} of ${addon} ended with exit status ${status}: see ${log}`);
  return { result, status };
};
