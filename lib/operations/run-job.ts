import { closeSync, constants } from 'node:fs';
import { AddonsError, fromSystem } from '../errors.ts';
import { suggestion } from '../names.ts';
import { redactor } from '../scripts/redact.ts';
import { type JobLog, openJobLog } from '../services/job-log.ts';
import { runJob as run } from '../services/run-job.ts';
import { readRegularFile, replaceFile } from '../state/atomic-file.ts';
import { jobLock, jobLog, jobRecord, prepareCronState } from '../state/cron-state.ts';
import { readJournal } from '../state/journal.ts';
import { openOwnedFile } from '../state/owned-file.ts';
import { prepareAddonData, prepareStore } from '../state/store.ts';
import { enabledAddon } from './addons.ts';
import type { Context } from './context.ts';
import type { JobEnd, LastRun } from './results.ts';

/**
 * Runs one cron job of an enabled add-on in the add-on's own environment, what it writes going to the job's log. It is left out
 * while it runs already, and while the add-on is being disabled.
 *
 * @throws {AddonsError} `addon-not-found`, `not-enabled`, `usage` for a job that it does not have, `malformed`; `io`, `permission`
 */
export async function runJob(context: Context, name: string, jobName: string): Promise<JobEnd> {
  const { store, tell } = context;
  const addon = enabledAddon(context, name);
  const job = addon.descriptor.cron.find((one) => one.name === jobName);
  if (job === undefined)
    throw noJob(
      name,
      jobName,
      addon.descriptor.cron.map((one) => one.name),
    );
  prepareStore(store);
  prepareAddonData(store, name);
  prepareCronState(store, name);
  const path = jobLog(store, name, jobName);
  const write = careless(openJobLog(path, store.libOwner), path, tell);
  const redact = redactor(addon.secrets);
  const note = (text: string) => write(`== ${new Date().toISOString()} ${text}\n`);
  const leaveOut = (why: string): JobEnd => {
    note(`left out: ${why}`);
    return { addon: name, job: jobName, outcome: 'left-out', log: path };
  };
  const isBeingDisabled = readJournal(store).some(
    ({ operation: { kind, addon } }) => kind === 'disable' && addon === name,
  );
  if (isBeingDisabled) return leaveOut(`${name} is being disabled`);
  const begun = new Date();
  const status = await run({
    job,
    env: addon.environment(),
    cwd: addon.root,
    lock: lockFile(context, name, jobName),
    signal: context.signal,
    onStart: () => note('begins'),
    onOutput: (text) => write(redact(text)),
  });
  if (status === 'busy') return leaveOut('it runs already');
  const ended = new Date();
  const seconds = ((ended.getTime() - begun.getTime()) / 1000).toFixed(1);
  const end = status === TIMED_OUT ? `${status}, as after ${job.timeout} s it is ended` : String(status);
  note(`ended after ${seconds} s with exit status ${end}`);
  const last: LastRun = { begun: begun.toISOString(), ended: ended.toISOString(), status };
  await record(context, jobRecord(store, name, jobName), last).catch((error) => {
    if (!(error instanceof AddonsError)) throw error;
    tell({ type: 'warning', message: `The end of the job was not recorded: ${error.message}` });
  });
  return { addon: name, job: jobName, outcome: 'ran', status, log: path };
}

const record = async ({ store }: Context, path: string, last: LastRun): Promise<void> =>
  replaceFile(store.disk, path, `${JSON.stringify(last)}\n`, readRegularFile(path), store.libOwner);

/** A log that cannot be written, on a full disk for one, stops no job; it is told once. */
function careless(log: JobLog, path: string, tell: Context['tell']): (text: string) => void {
  let isTold = false;
  return (text) => {
    try {
      log.write(text);
    } catch (error) {
      const { message } = fromSystem(error, path) as Error; // an error stays one
      if (!isTold) tell({ type: 'warning', message: `The job's log is not whole: ${message}` });
      isTold = true;
    }
  };
}

/** Of `timeout`. */
const TIMED_OUT = 124;

/** Made here, for `flock` would make it root's where root is at work. */
function lockFile({ store }: Context, addon: string, job: string): string {
  const path = jobLock(store, addon, job);
  closeSync(openOwnedFile(path, constants.O_RDONLY, store.libOwner));
  return path;
}

const noJob = (addon: string, job: string, known: string[]) =>
  new AddonsError('usage', `${addon} has no job "${job.slice(0, 80)}".${suggestion(job, known)}`, {
    hint: known.length > 0 ? `It has: ${known.join(', ')}.` : 'It has none: addons check --fix',
    details: { addon },
  });
