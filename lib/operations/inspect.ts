import { join } from 'node:path';
import { AddonsError } from '../errors.ts';
import { suggestion } from '../names.ts';
import { isInstalled, loadAddon } from '../scripts/addon.ts';
import { redactor } from '../scripts/redact.ts';
import { type Entry, entryIds, isRecoverable, readEntry, readWorkers } from '../state/journal.ts';
import { type Run, readErr } from '../state/runs.ts';
import type { Context } from './context.ts';
import { allocated } from './recovery/judge.ts';
import type { OperationReport, RunReport } from './results.ts';
import { secretsOfRuns } from './run-secrets.ts';
import { endOf } from './script-failure.ts';

/** What the journal holds of one operation, redacted. Reads only. @throws {AddonsError} `resource-not-found`, `conflict` */
export function inspect(context: Context, name: string): OperationReport {
  const { platform } = context.store;
  const id = operationOf(context, name);
  const path = join(platform.journal, id);
  const entry = entryIfReadable(context, id);
  if (entry === undefined) throw settledMeanwhile(id);
  if (entry === 'damaged') {
    const reports = readWorkers(context.store, id).runs.map(measure);
    return {
      operation: id,
      kind: 'damaged',
      state: 'damaged',
      reason: 'its op file cannot be read',
      path,
      runs: reports,
    };
  }
  const { kind, addon, app, started, resource } = entry.operation;
  const known = resource ?? entry.runs.map((run) => allocated(run)?.id).findLast((one) => one !== undefined);
  return {
    operation: id,
    kind,
    addon,
    ...(app && { app: app.name }),
    ...(known !== undefined && { id: known }),
    started,
    state: entry.quarantine !== undefined ? 'quarantined' : isRecoverable(entry) ? 'interrupted' : 'running',
    ...(entry.quarantine !== undefined && { reason: entry.quarantine }),
    path,
    runs: entry.runs.map((run) => reportOf(run, secretsOf(context, entry))),
  };
}

/** The whole id of an operation, of which its beginning is enough. @throws {AddonsError} `resource-not-found` */
function operationOf({ store }: Context, name: string): string {
  const ids = entryIds(store);
  const fitting = ids.includes(name) ? [name] : ids.filter((id) => name.length >= 4 && id.startsWith(name));
  const [id] = fitting;
  if (id !== undefined && fitting.length === 1) return id;
  const which = fitting.length > 1 ? `${fitting.length} operations begin with` : 'The journal holds no operation';
  throw new AddonsError(
    'resource-not-found',
    `${which} ${JSON.stringify(name.slice(0, 80))}.${suggestion(name, ids)}`,
    {
      hint: 'See which need a person: addons check',
    },
  );
}

/** Undefined: it is gone. */
function entryIfReadable({ store }: Context, id: string): Entry | 'damaged' | undefined {
  try {
    return readEntry(store, id);
  } catch (error) {
    if (error instanceof AddonsError && error.code === 'malformed') return 'damaged';
    throw error;
  }
}

/** Between two looks at the journal another process came to its end. */
export const settledMeanwhile = (operation: string): AddonsError =>
  new AddonsError('conflict', `The operation ${operation} was settled by somebody else meanwhile.`, {
    hint: 'See: addons check',
  });

function reportOf(run: Run, secrets: string[]): RunReport {
  const redact = redactor(secrets);
  const stdout = isRefused(run) ? idOf(run) : withoutPrivates(run.out.toString());
  return {
    script: run.script,
    end: endIn(run),
    stdout: redact(stdout),
    stderr: redact(readErr(run.path).toString()),
  };
}

/** Without an add-on nobody can say which secrets the scripts knew. */
const measure = (run: Run): RunReport => ({
  script: run.script,
  end: endIn(run),
  stdout: sizeOf(run.out),
  stderr: sizeOf(readErr(run.path, Number.POSITIVE_INFINITY)),
});

const sizeOf = ({ length }: Buffer) => (length === 0 ? '' : `[${length} bytes]`);

const endIn = (run: Run) => (run.claim === undefined || run.claim === 'void' ? 'never started' : endOf(run));

/** Whether a provision printed what is no "id;private": then anything of it may be the private. */
const isRefused = (run: Run) => run.script === 'provision' && run.out.length > 0 && allocated(run) === undefined;

/** Before the first semicolon there is an id, most likely. */
function idOf({ out }: Run): string {
  const told = `[${out.length} bytes, not "id;private"]`;
  const line = out
    .toString()
    .split('\n')
    .find((one) => one.includes(';'));
  return line === undefined ? told : `${line.slice(0, line.indexOf(';') + 1)} ${told}`;
}

/** An id is worth seeing; what follows the semicolon, or a line that is not the first, may be a secret. */
const withoutPrivates = (text: string): string =>
  text
    .split('\n')
    .map((line, at) => {
      const semicolon = line.indexOf(';');
      if (semicolon >= 0) return `${line.slice(0, semicolon + 1)}${semicolon + 1 < line.length ? '[redacted]' : ''}`;
      return at === 0 || line === '' ? line : '[redacted]';
    })
    .join('\n');

function secretsOf(context: Context, entry: Entry): string[] {
  const { store, scripts } = context;
  const { operation } = entry;
  const told = secretsOfRuns(context, entry);
  try {
    return isInstalled(store.platform, operation.addon)
      ? [...loadAddon(store.platform, operation.addon, scripts).secrets, ...told]
      : told;
  } catch (error) {
    if (error instanceof AddonsError) return told;
    throw error;
  }
}
