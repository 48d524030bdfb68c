import { setTimeout as sleep } from 'node:timers/promises';
import { AddonsError, systemCode } from '../../errors.ts';
import { type Addon, isInstalled, loadAddon } from '../../scripts/addon.ts';
import { sweepApp } from '../../state/app-files.ts';
import { followApp } from '../../state/apps.ts';
import {
  disown,
  type Entry,
  isRecoverable,
  makeDurable,
  type Operation,
  type OperationKind,
  quarantine,
  readEntry,
  takeOver,
} from '../../state/journal.ts';
import { prepareAddonData, type Store } from '../../state/store.ts';
import { sweepState } from '../../state/sweep.ts';
import type { Context } from '../context.ts';
import { busy, lockAddon, lockApp } from '../locks.ts';
import { told, writeEntry } from '../logged.ts';
import type { LogEntry } from '../results.ts';
import { isTriggered, wordsOf } from '../triggered.ts';
import { fieldsProblem } from './entry-fields.ts';
import { settleLastRun } from './script-run.ts';
import { settleAdd } from './settle-add.ts';
import { settleAdopt } from './settle-adopt.ts';
import { settleDisable } from './settle-disable.ts';
import { settleEmpty } from './settle-empty.ts';
import { settleEnable } from './settle-enable.ts';
import { settleMove } from './settle-move.ts';
import { settleRemove, settleSpared } from './settle-remove.ts';
import { settleRotate } from './settle-rotate.ts';
import { settleUndo } from './settle-undo.ts';
import { takeRun } from './take-run.ts';

/**
 * Clears one entry out of the way: recovers it where its owner is dead, else waits for the owner.
 *
 * @throws {AddonsError} `quarantined`, `busy`, or why the operation could not be brought to its end
 */
export async function clearEntry(context: Context, entry: Entry): Promise<void> {
  if (entry.quarantine !== undefined) throw quarantined(entry);
  if (isRecoverable(entry)) return recover(context, entry);
  const { id, kind, addon, app } = entry.operation;
  context.tell({
    type: 'waiting',
    message: `Waiting for the ${kind} of ${addon}${app ? ` for ${app.name}` : ''} under way`,
  });
  for (const until = Date.now() + context.wait; Date.now() < until; await sleep(30)) {
    if (context.signal?.aborted) throw new AddonsError('aborted', 'Interrupted while waiting for another process.');
    const now = readEntry(context.store, id);
    if (now === undefined || now.quarantine !== undefined || isRecoverable(now)) return;
  }
  throw busy(`${kind} ${addon}${app ? ` for ${app.name}` : ''} (operation ${id})`, entry.owner);
}

/** Somebody may give the directory another name between our look and our sync: then it is found again. */
async function makeAppDurable(store: Store, one: NonNullable<Operation['app']>): Promise<void> {
  for (let looked = 1; ; looked++) {
    const app = followApp(store.platform, one);
    if (app === undefined) return;
    try {
      await sweepApp(store, app);
      await store.disk.sync(app.dir);
      return;
    } catch (error) {
      const isGone = systemCode(error instanceof AddonsError ? error.cause : error) === 'ENOENT';
      if (!isGone || looked === 5) throw error;
    }
  }
}

/** Brings to its end what a dead process left. */
export async function recover(context: Context, seen: Entry): Promise<void> {
  const { store } = context;
  await sweepState(store, seen.operation.addon);
  let died = false;
  const entry = await lockOf(context, seen, async () => {
    const now = readEntry(store, seen.operation.id); // another may have recovered it meanwhile
    if (now === undefined || !isRecoverable(now)) return undefined;
    died = now.owner !== undefined;
    await takeOver(store, now);
    await makeDurable(store, now);
    for (const one of [now.operation.app, now.operation.to]) {
      if (one) await makeAppDurable(store, one);
    }
    return now;
  });
  if (entry === undefined) return;
  const { kind, addon, app, id } = entry.operation;
  context.tell({
    type: 'note',
    message: `Recovering an interrupted ${kind} of ${addon}${app ? ` for ${app.name}` : ''} (operation ${id})`,
  });
  const start = performance.now();
  const log = (outcome: LogEntry['outcome'], error?: unknown) =>
    writeEntry(context, {
      ...{ what: kind, addon, ...(app && { app: app.name }), outcome, operation: id },
      ...(error !== undefined && { error: told(error) }),
      duration: Math.round(performance.now() - start),
    });
  try {
    if (died) await takeRuns(context, entry);
    const why = await settle(context, entry);
    await (why === undefined ? log('recovered') : log('failed', why));
    await tellPlugins(context, entry, why);
  } catch (error) {
    // Who finds a script still running, or is interrupted, leaves the entry to the next one.
    if (!(error instanceof AddonsError && WAITING.has(error.code))) await log('failed', error);
    throw error;
  } finally {
    await disown(store, entry);
  }
}

/** Whoever began it could not tell them any more. */
async function tellPlugins({ triggers }: Context, { operation }: Entry, why: AddonsError | undefined): Promise<void> {
  const { kind, app, addon, id } = operation;
  if (!isTriggered(kind)) return;
  const facts = why ? ({ outcome: 'failed', error: why.code } as const) : ({ outcome: 'recovered' } as const);
  await triggers.tell(`post-${kind}`, wordsOf({ app: app?.name, addon }), { ...facts, operation: id });
}

/** Whoever gives up alive has taken down what its scripts did; a dead one has not. */
async function takeRuns(context: Context, entry: Entry): Promise<void> {
  const { store } = context;
  const { addon } = entry.operation;
  if (entry.runs.length === 0 || !isInstalled(store.platform, addon)) return;
  await settleLastRun(context, entry);
  const loaded = loadAddon(store.platform, addon, context.scripts, context.timeout);
  for (const run of entry.runs) takeRun(context, entry, loaded, run);
}

const WAITING = new Set<AddonsError['code']>(['busy', 'aborted']);

/**
 * Brings an entry that this process owns to its end.
 *
 * @param anyway a person says that a script of unknown result may be run again, though its add-on does not
 * @returns why nothing came of it; undefined: it was carried through
 */
export async function settle(context: Context, entry: Entry, anyway = false): Promise<AddonsError | undefined> {
  const { store } = context;
  const { kind, addon: name } = entry.operation;
  const problem = fieldsProblem(entry.operation);
  if (problem !== undefined) return setAside(context, entry, problem);
  const ended =
    (await SCRIPTLESS[kind]?.(context, entry)) ??
    (isInstalled(store.platform, name)
      ? await settleByScript(context, entry, anyway)
      : await setAside(context, entry, `the add-on ${name} is no longer installed`));
  if (ended.end === 'left') throw ended.why;
  if (ended.end === 'quarantined') throw quarantined({ ...entry, quarantine: ended.reason });
  if (ended.end === 'committed') return undefined;
  // Of an add that failed, whose command is gone, the log tells.
  const isNews = ended.end === 'failed' || anyway || SCRIPTLESS[kind] !== undefined;
  const why = ended.why ?? nothingCame(entry);
  if (isNews) context.tell({ type: 'warning', message: why.message });
  return why;
}

/** What still runs must not be settled by a person. */
async function setAside(context: Context, entry: Entry, reason: string): Promise<never> {
  await settleLastRun(context, entry);
  await quarantine(context.store, entry, reason);
  throw quarantined({ ...entry, quarantine: reason });
}

function settleByScript(context: Context, entry: Entry, anyway: boolean): Promise<Ended> {
  const { store } = context;
  const { kind, addon: name } = entry.operation;
  prepareAddonData(store, name);
  const addon = loadAddon(store.platform, name, context.scripts, context.timeout);
  const settleKind = SETTLE[kind];
  if (settleKind === undefined) throw unknownKind(entry);
  return settleKind(context, entry, addon, anyway ? 'anyway' : true);
}

const SETTLE: Partial<Record<OperationKind, Settle>> = {
  add: settleAdd,
  remove: settleRemove,
  rotate: settleRotate,
  empty: settleEmpty,
  enable: settleEnable,
  disable: settleDisable,
};

type Settle = (context: Context, entry: Entry, addon: Addon, mayRunAgain: boolean | 'anyway') => Promise<Ended>;

type Ended =
  | { end: 'committed' }
  | { end: 'withdrawn'; why?: AddonsError }
  | { end: 'failed' | 'left'; why: AddonsError }
  | { end: 'quarantined'; reason: string };

/** What runs no script needs no add-on either. Undefined: this one runs one. */
const SCRIPTLESS: Partial<Record<OperationKind, (context: Context, entry: Entry) => Promise<Ended> | undefined>> = {
  adopt: settleAdopt,
  undo: settleUndo,
  move: settleMove,
  swap: (context, entry) => import('./settle-swap.ts').then(({ settleSwap }) => settleSwap(context, entry)),
  remove: (context, entry) => (entry.operation.spare ? settleSpared(context, entry) : undefined),
  empty: (context, entry) => (entry.operation.spare ? settleEmpty(context, entry, undefined, false) : undefined),
};

export const lockOf = <T>(context: Context, { operation }: Entry, work: () => Promise<T>): Promise<T> =>
  operation.app ? lockApp(context, operation.app, work) : lockAddon(context, operation.addon, work);

const nothingCame = ({ operation: { kind, addon, app } }: Entry) =>
  new AddonsError(
    'conflict',
    `Nothing came of the interrupted ${kind} of ${addon}${app ? ` for ${app.name}` : ''}: run it again if it is still wanted.`,
  );

const unknownKind = ({ operation: { id, kind } }: Entry) =>
  new AddonsError('malformed', `The journal entry ${id} is of a kind that this version does not know: ${kind}.`, {
    hint: 'Use the newer version that wrote it.',
  });

export const quarantined = ({ operation, quarantine: reason }: Entry): AddonsError =>
  new AddonsError(
    'quarantined',
    `An earlier ${operation.kind} of ${operation.addon}${operation.app ? ` for ${operation.app.name}` : ''} needs a person: ${reason}.`,
    {
      hint: `See what it wrote, and settle it: addons resolve ${operation.id}`,
      details: { operation: operation.id, addon: operation.addon, ...(operation.app && { app: operation.app.name }) },
    },
  );
