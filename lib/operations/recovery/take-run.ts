import { statSync } from 'node:fs';
import { join } from 'node:path';
import { AddonsError } from '../../errors.ts';
import type { Addon } from '../../scripts/addon.ts';
import type { Entry } from '../../state/journal.ts';
import { type Run, readErr } from '../../state/runs.ts';
import type { Context } from '../context.ts';
import { secretsOfRuns } from '../run-secrets.ts';
import { hasStarted } from './judge.ts';

/**
 * Takes down what a journaled script did, while its run is there. Never throws: the operation goes on.
 *
 * @param ended when, in milliseconds since 1970, for whoever saw it; else the run's files tell, as far as they do
 */
export function takeRun(context: Context, entry: Entry, addon: Addon, run: Run, ended?: number): void {
  if (!hasStarted(run)) return;
  const { operation } = entry;
  try {
    const started = timeOf(run, 'run');
    const secrets = [...addon.secrets, ...secretsOfRuns(context, entry)];
    context.executions.take(addon, {
      id: `${operation.id}-${run.number}`,
      ...(operation.app && { app: operation.app.name }),
      action: run.script,
      operation: operation.id,
      started,
      finished: Math.max(started, ended ?? (timeOf(run, 'exit') || timeOf(run, 'err'))),
      status: run.exit?.status ?? null,
      ...(run.stopped && { stopped: run.stopped }),
      out: run.out,
      err: readErr(run.path),
      secrets: () => secrets,
    });
  } catch (error) {
    const why = error instanceof AddonsError ? error.message : String(error);
    const message = `The execution of ${run.script} of ${addon.name} was not taken down: ${why}`;
    context.tell({ type: 'warning', message });
  }
}

/** 0 where there is no such file. */
const timeOf = ({ path }: Run, file: string): number =>
  statSync(join(path, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
