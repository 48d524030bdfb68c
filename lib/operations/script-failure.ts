import { AddonsError } from '../errors.ts';
import { redactor } from '../scripts/redact.ts';
import type { Entry } from '../state/journal.ts';
import { type Run, readErr } from '../state/runs.ts';
import { isSignal } from './recovery/judge.ts';

/** Why a journaled script's run did not do, in words for people; its stderr redacted. */
export function runFailure(entry: Entry, run: Run, secrets: string[], outcome: string, hint: string): AddonsError {
  const { addon, app, id } = entry.operation;
  const stderr = redactor(secrets)(readErr(run.path).toString()).trim();
  const { stopped } = run;
  const code = stopped === 'timeout' ? 'script-timeout' : stopped === 'aborted' ? 'aborted' : 'script-failed';
  return new AddonsError(code, `${run.script} of ${addon} ${endOf(run)}${outcome}${lastLine(stderr)}`, {
    hint,
    details: { script: run.script, addon, operation: id, stderr, ...(app && { app: app.name }) },
  });
}

/** How a run ended, in words that follow the script's name. */
export function endOf(run: Run): string {
  if (run.stopped === 'timeout') return 'took too long and was killed';
  if (run.stopped === 'aborted') return 'was interrupted';
  if (run.stopped === 'too-much-output') return 'wrote far too much output and was killed';
  if (run.exit === undefined) return 'died without a result';
  if (run.exit.status === 0) return 'succeeded';
  if (isSignal(run.exit.status)) return `was killed by signal ${run.exit.status - 128}`;
  return `failed with exit status ${run.exit.status}`;
}

/** The script's own last word is most often the reason. */
const lastLine = (stderr: string) => (stderr === '' ? '.' : `: ${stderr.split('\n').at(-1)?.slice(0, 500)}`);
