import type { Resource } from '../app/addons-file.ts';
import { AddonsError } from '../errors.ts';
import { appendLine, writeNames } from '../state/app-changes.ts';
import { lineOf } from '../state/app-files.ts';
import { followApp } from '../state/apps.ts';
import {
  deleteEntry,
  discardEntry,
  disown,
  type Entry,
  liftQuarantine,
  makeDurable,
  nameResource,
  readEntry,
  takeOver,
} from '../state/journal.ts';
import { liveness } from '../state/process-identity.ts';
import { enabledAddon } from './addons.ts';
import { prepare } from './begin.ts';
import { type Context, uninterrupted } from './context.ts';
import { inspect } from './inspect.ts';
import { busy, lockApp } from './locks.ts';
import { logged } from './logged.ts';
import { allocated } from './recovery/judge.ts';
import { lockOf, settle } from './recovery/recover.ts';
import type { OperationReport, Resolution, ResolveResult } from './results.ts';
import { checkLine, refuseHeld, vouch, withoutPrivate } from './vouch.ts';

/** Settles an operation that needs a person, as that person says. */
export async function resolve(context: Context, name: string, how: Resolution): Promise<ResolveResult> {
  const report = inspect(context, name);
  refuseUnfit(report, how);
  const result = { operation: report.operation, steps: [] };
  if (context.dryRun)
    return { ...result, outcome: 'planned', message: `Would settle ${nameOf(report)}.`, steps: stepsOf(report, how) };
  const about = {
    what: 'resolve',
    ...(report.app && { app: report.app }),
    ...(report.addon && { addon: report.addon }),
  };
  return logged(context, about, async (context) => {
    context.began(report.operation);
    await prepare(context.store);
    if (report.state === 'damaged') {
      await discardEntry(context.store, report.operation);
      return { ...result, outcome: 'done', message: `Discarded ${nameOf(report)}.` };
    }
    const entry = await claim(context, report);
    try {
      return { ...result, outcome: 'done', message: await carryOut(context, entry, how, report) };
    } finally {
      await disown(context.store, entry);
    }
  });
}

function refuseUnfit(report: OperationReport, how: Resolution) {
  const { operation, kind, state } = report;
  if (state === 'damaged') {
    if (how === 'discard') return;
    throw new AddonsError('malformed', `The operation ${operation} cannot be read: it can only be discarded.`, {
      hint: `Look at ${report.path} first, then: addons resolve ${operation} --discard`,
    });
  }
  if (state === 'running') throw busy(`the ${kind} (operation ${operation})`, undefined);
  if (state === 'interrupted') {
    throw new AddonsError('conflict', `The operation ${operation} was interrupted, but needs no person.`, {
      hint: 'The next command settles it, or: addons check --fix',
    });
  }
  if (typeof how === 'object' && kind !== 'add') {
    throw new AddonsError('usage', `The operation ${operation} is no add: there is nothing to adopt.`, {
      hint: `Run its script again, or forget it: addons resolve ${operation} --retry | --discard`,
    });
  }
}

/** Two people may be at it; only one of them becomes the owner. */
async function claim(context: Context, { operation }: OperationReport): Promise<Entry> {
  const { store } = context;
  const seen = readEntry(store, operation);
  if (seen === undefined) throw settledMeanwhile(operation);
  return lockOf(context, seen, async () => {
    const now = readEntry(store, operation);
    if (now?.quarantine === undefined) throw settledMeanwhile(operation);
    if (now.owner && liveness(now.owner) !== 'dead')
      throw busy(`operation ${operation}: it is being resolved`, now.owner);
    await takeOver(store, now);
    await makeDurable(store, now);
    const app = now.operation.app && followApp(store.platform, now.operation.app);
    if (app) await store.disk.sync(app.dir); // a line counts only once it is durable
    return now;
  });
}

async function carryOut(context: Context, entry: Entry, how: Resolution, report: OperationReport): Promise<string> {
  const { store } = context;
  const line = adoptedLine(context, entry);
  if (line) {
    await deleteEntry(store, entry);
    return `${report.app} has ${line.id} of ${line.addon} already: the operation is settled.`;
  }
  if (how === 'discard') {
    await deleteEntry(store, entry);
    return `Discarded ${nameOf(report)}.`;
  }
  if (how === 'retry') {
    await liftQuarantine(store, entry);
    const done = await settle(context, entry, true);
    return `Settled ${nameOf(report)}${done ? '' : ': nothing came of it'}.`;
  }
  return adopt(context, entry, how);
}

/** An adoption that was killed after it had written the line; or a person wrote it. */
function adoptedLine({ store }: Context, { operation: { kind, addon, app: target } }: Entry) {
  const app = kind === 'add' && target ? followApp(store.platform, target) : undefined;
  return app && lineOf(app, addon);
}

async function adopt(
  context: Context,
  entry: Entry,
  { adopt: id, private: given }: Exclude<Resolution, string>,
): Promise<string> {
  const { store } = context;
  const { addon, app: target, env = [] } = entry.operation;
  const secret = given ?? entry.runs.map(allocated).findLast((told) => told?.id === id)?.private;
  if (secret === undefined) throw withoutPrivate(id);
  const line = { addon, id, private: secret };
  checkLine(line);
  enabledAddon(context, addon);
  await vouch(context, line);
  return lockApp(uninterrupted(context), target ?? { name: '', key: '' }, async () => {
    const app = target && followApp(store.platform, target);
    if (app === undefined) throw appIsGone(entry);
    await claimId(context, entry, line);
    await writeNames(store, app, addon, env);
    await appendLine(store, app, line);
    await deleteEntry(store, entry);
    return `Gave ${app.name} ${id} of ${addon}: the next release sets ${store.platform.configVar(addon)}.`;
  });
}

/** The id is in the entry before anybody is asked who holds it: of two who want it, one sees the other. */
async function claimId(context: Context, entry: Entry, line: Resource): Promise<void> {
  await nameResource(context.store, entry, line.id);
  try {
    refuseHeld(context, entry, line);
  } catch (error) {
    await nameResource(context.store, entry, undefined);
    throw error;
  }
}

function stepsOf({ operation, kind, addon = '', app = '', path }: OperationReport, how: Resolution): string[] {
  if (how === 'discard') return [`delete ${path}; nothing is run`];
  if (how === 'retry') return [`run the script of the ${kind} of ${addon} again, as operation ${operation}`];
  return [`add the line of ${how.adopt} to ADDONS of ${app}`, `delete ${path}`];
}

const nameOf = ({ operation, kind, addon, app }: OperationReport) =>
  addon === undefined ? `the operation ${operation}` : `the ${kind} of ${addon}${app ? ` for ${app}` : ''}`;

const settledMeanwhile = (operation: string) =>
  new AddonsError('conflict', `The operation ${operation} was settled by somebody else meanwhile.`, {
    hint: 'See: addons check',
  });

const appIsGone = ({ operation: { app, id } }: Entry) =>
  new AddonsError('app-not-found', `The app ${app?.name} is gone.`, {
    hint: `Forget the operation, then give the resource to another app with "addons adopt": addons resolve ${id} --discard`,
  });
