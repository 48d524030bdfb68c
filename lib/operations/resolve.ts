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
  entryIds,
  liftQuarantine,
  makeDurable,
  nameResource,
  readEntry,
  readWorkers,
  takeOver,
} from '../state/journal.ts';
import { groupLiveness, liveness } from '../state/process-identity.ts';
import { enabledAddon } from './addons.ts';
import { prepare } from './begin.ts';
import { type Context, uninterrupted } from './context.ts';
import { inspect, settledMeanwhile } from './inspect.ts';
import { busy, lockApp, who } from './locks.ts';
import { logged } from './logged.ts';
import { allocated } from './recovery/judge.ts';
import { lockOf, settle } from './recovery/recover.ts';
import { settleLastRun } from './recovery/script-run.ts';
import type { OperationReport, Resolution, ResolveResult } from './results.ts';
import { freeNames } from './taken-name.ts';
import { checkLine, refuseHeld, vouch, withoutPrivate } from './vouch.ts';

/** Settles an operation that needs a person, as that person says. */
export async function resolve(context: Context, name: string, how: Resolution): Promise<ResolveResult> {
  const report = inspect(context, name);
  refuseUnfit(report, how);
  if (report.state === 'damaged') refuseAtWork(context, report);
  else if (typeof how === 'object') refuseCopy(context, report);
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
    await prepare(context);
    if (report.state === 'damaged') {
      await discardDamaged(context, report);
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
  if (state === 'interrupted' && !(how === 'discard' && STUCK.has(kind))) {
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

/** Nothing else of a damaged entry can be asked: a newer version may be at work on what only it can read. */
function refuseAtWork({ store }: Context, { operation, path }: OperationReport) {
  const { owner, runs } = readWorkers(store, operation);
  const running = runs.map(({ claim, exit }) => (typeof claim === 'object' && !exit ? claim : undefined));
  const worker =
    owner && liveness(owner) !== 'dead' ? owner : running.find((one) => one && groupLiveness(one) !== 'dead');
  if (worker === undefined) return;
  throw new AddonsError('busy', `Another process may be at work on operation ${operation}${who(worker)}.`, {
    hint: `Wait for it. If it is gone for certain, move ${path} out of the journal by hand.`,
  });
}

/** A line exists only once the data is in, and adopting copies none. */
function refuseCopy({ store }: Context, { operation, app = '<app>', addon = '<addon>' }: OperationReport) {
  const copyOf = readEntry(store, operation)?.operation.copyOf;
  if (copyOf === undefined) return;
  throw new AddonsError(
    'conflict',
    `The operation ${operation} copies data of ${copyOf.name}, which adopting does not.`,
    {
      hint: `addons resolve ${operation} --discard, then: addons adopt ${app} ${addon} <id>, then addons restore`,
      details: { app, addon, operation },
    },
  );
}

/** What runs a script that may never come to an end which recovery can use: then it stands in the way of everything. */
const STUCK = new Set(['rotate', 'remove', 'empty', 'enable', 'disable']);

async function discardDamaged({ store }: Context, { operation }: OperationReport): Promise<void> {
  try {
    await discardEntry(store, operation);
  } catch (error) {
    throw entryIds(store).includes(operation) ? error : settledMeanwhile(operation);
  }
}

/** Two people may be at it; only one of them becomes the owner. */
async function claim(context: Context, { operation }: OperationReport): Promise<Entry> {
  const { store } = context;
  const seen = readEntry(store, operation);
  if (seen === undefined) throw settledMeanwhile(operation);
  return lockOf(context, seen, async () => {
    const now = readEntry(store, operation);
    if (now === undefined || now.quarantine !== seen.quarantine) throw settledMeanwhile(operation);
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
    await settleLastRun(context, entry); // what still runs is not forgotten
    await deleteEntry(store, entry);
    return `Discarded ${nameOf(report)}.`;
  }
  if (how === 'retry') {
    await liftQuarantine(store, entry);
    const why = await settle(context, entry, true);
    return `Settled ${nameOf(report)}${why ? ': nothing came of it' : ''}.`;
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
  await vouch(context, target?.name ?? '', line);
  return lockApp(uninterrupted(context), target ?? { name: '', key: '' }, async () => {
    const app = target && followApp(store.platform, target);
    if (app === undefined) throw appIsGone(entry);
    await claimId(context, entry, line);
    await writeNames(store, app, addon, await freeNames(context, app, addon, env));
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

const appIsGone = ({ operation: { app, id } }: Entry) =>
  new AddonsError('app-not-found', `The app ${app?.name} is gone.`, {
    hint: `Forget the operation, then give the resource to another app with "addons adopt": addons resolve ${id} --discard`,
  });
