import { resolve } from 'node:path';
import { AddonsError, fromSystem } from '../errors.ts';
import { hasScript } from '../scripts/locate.ts';
import { HOW } from './checks.ts';
import type { CheckName, CheckRow } from './contract.ts';
import { nameOfSource } from './find-source.ts';
import type { CheckEnd, TestOptions } from './results.ts';
import { checkInterrupted } from './run-script.ts';
import { selectChecks } from './selection.ts';
import { tidy } from './tidy.ts';
import { openTrial, type Trial } from './trial.ts';

/** The checks one after the other, on a trial of their own that is tidied away in the end. */
export async function* runChecks(source: string, options: TestOptions): AsyncGenerator<CheckEnd, void, undefined> {
  const rows = selectChecks(options.only);
  const directory = resolve(source);
  const trial = openTrial(directory, nameOfSource(directory), options);
  let interrupted: AddonsError | undefined;
  try {
    for (const [at, row] of rows.entries()) {
      trial.tell = (message) => tell(options, `${row.name}: ${message}`, at, rows.length);
      const end = await endOf(trial, row);
      if (end.outcome !== 'skipped') trial[end.outcome].add(end.check);
      if (isAskedFor(row, options) || end.outcome === 'failed') yield end;
    }
  } catch (error) {
    if (!(error instanceof AddonsError) || error.code !== 'aborted') throw error;
    interrupted = error;
  } finally {
    trial.tell = (message) => tell(options, message, rows.length, rows.length);
    const left = await tidy(trial);
    if (left.length > 0 && !interrupted) options.onProgress?.({ type: 'warning', message: leftBehind(left) });
    if (interrupted) interrupted = gaveUp(left);
  }
  if (interrupted) throw interrupted;
}

async function endOf(trial: Trial, row: CheckRow): Promise<CheckEnd> {
  const begun = performance.now();
  // The table's names are those of the checks.
  const check = row.name as CheckName;
  const end = (more: Pick<CheckEnd, 'outcome'> & Partial<CheckEnd>): CheckEnd => {
    const duration = Math.round(performance.now() - begun);
    return { check, contract: row.contract, duration, ...more };
  };
  const why = whyNot(trial, row);
  if (why !== undefined) return end({ outcome: 'skipped', ...why });
  try {
    checkInterrupted(trial);
    const skipped = await HOW[check](trial);
    return skipped ? end({ outcome: 'skipped', reason: skipped.skipped }) : end({ outcome: 'passed' });
  } catch (error) {
    checkInterrupted(trial);
    if (!(error instanceof AddonsError) || OURS.has(error.code)) throw fromSystem(error, trial.home);
    return end({ outcome: 'failed', seen: error.message, ...written(error), ...(error.hint && { hint: error.hint }) });
  }
}

/** Of more than one line the last ones: a script's reason is often above its last word. */
function written({ details }: AddonsError): { stderr?: string } {
  const lines = (details.stderr ?? '').trim().split('\n');
  return lines.length > 1 ? { stderr: lines.slice(-MOST_LINES).join('\n') } : {};
}

const MOST_LINES = 12;

/** Failures of this machine, of which an add-on is not to be accused. */
const OURS: ReadonlySet<string> = new Set(['aborted', 'disk-full', 'read-only']);

function whyNot(
  trial: Trial,
  { needs = [], unless = [], scripts = [], idempotent }: CheckRow,
): Pick<CheckEnd, 'reason' | 'needs'> | undefined {
  const script = scripts.find((name) => !hasScript(trial.source, name));
  if (script !== undefined) return { reason: `the add-on has no ${script} script` };
  if (idempotent && trial.passed.has('installable') && !trial.addon.descriptor.idempotent)
    return { reason: 'addon.toml does not say idempotent = true: after a crash a person has to look' };
  const missing = needs.find((name) => !trial.passed.has(name)) ?? unless.find((name) => trial.failed.has(name));
  if (missing === undefined) return undefined;
  // As above.
  return { reason: `it needs the check ${missing}, which did not pass`, needs: missing as CheckName };
}

const isAskedFor = ({ name }: CheckRow, { only = [] }: TestOptions): boolean =>
  only.length === 0 || only.includes(name);

const tell = ({ onProgress }: TestOptions, message: string, done: number, total: number): void =>
  onProgress?.({ type: 'count', message, done, total });

const leftBehind = (left: readonly string[]): string => `Could not remove ${left.join(', ')}.`;

const gaveUp = (left: readonly string[]): AddonsError =>
  new AddonsError('aborted', 'Interrupted: the test was given up.', {
    hint: left.length > 0 ? `${leftBehind(left)} Remove it by hand.` : 'All that it had made was removed.',
  });
