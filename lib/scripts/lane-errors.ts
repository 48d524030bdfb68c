import { AddonsError, systemCode } from '../errors.ts';
import type { UrlJob } from './url-job.ts';

/** The run was stopped, or never begun, because its caller asked for that. */
export const laneAborted = ({ addon }: UrlJob): AddonsError =>
  new AddonsError('aborted', `The script url of ${addon} was stopped, as was asked.`, {
    details: { addon, script: 'url' },
  });

/** A job is told to the shell in lines, so that a line break would start another job. */
export const unspeakableJob = ({ addon }: UrlJob): AddonsError =>
  new AddonsError('malformed', `The id or private of a resource of ${addon} holds a line break or NUL.`, {
    hint: "Correct the line in the app's ADDONS file.",
    details: { addon, script: 'url' },
  });

/** The lane ended in the middle of a run, without having been told to. */
export const laneKilled = ({ addon }: UrlJob): AddonsError =>
  new AddonsError('script-failed', `The script url of ${addon} was killed together with the shell it ran in.`, {
    hint: 'Try again; look for a lack of memory in the kernel log, and for "kill -9 0" in the script.',
    details: { addon, script: 'url' },
  });

/** No shell could be started. */
export function laneNotStarted({ addon, cwd }: UrlJob, failure: unknown): AddonsError {
  const code = systemCode(failure) ?? 'unknown reason';
  return new AddonsError('io', `Cannot start a shell in ${cwd} for ${addon}: ${code}.`, {
    hint:
      code === 'ENOENT'
        ? 'Install the add-on again: its directory is gone.'
        : 'Try again when the machine is less busy.',
    details: { addon, script: 'url' },
    cause: failure,
  });
}
