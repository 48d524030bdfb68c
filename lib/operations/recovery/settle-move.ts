import { AddonsError } from '../../errors.ts';
import { appendLine, dropLine, writeNames } from '../../state/app-changes.ts';
import { extraNames, lineOf, lineWithId } from '../../state/app-files.ts';
import { type App, followApp } from '../../state/apps.ts';
import { deleteEntry, type Entry } from '../../state/journal.ts';
import type { Store } from '../../state/store.ts';
import { type Context, uninterrupted } from '../context.ts';
import { beingDisabled } from '../gate.ts';
import { busy, lockApps } from '../locks.ts';
import { freeNames } from '../taken-name.ts';
import { dropVariables } from './drop-variables.ts';
import { resourceOf } from './entry-fields.ts';
import { isNamedElsewhere } from './holders.ts';

/** `withdrawn`: the line is where it was. */
export type MoveEnd = { end: 'committed' } | { end: 'withdrawn'; why?: AddonsError };

export async function settleMove(context: Context, entry: Entry): Promise<MoveEnd> {
  const { from, to } = endsOf(entry);
  return lockApps(uninterrupted(context), from, to, () => commitMove(context, entry));
}

/**
 * The line is in the target before it leaves the source. Only the target's line proves that a move ever got past the looks that
 * may make it withdraw: without it, recovery looks again. Call it under both locks.
 */
export async function commitMove(context: Context, entry: Entry): Promise<MoveEnd> {
  const { store } = context;
  const { addon } = entry.operation;
  const { from, to, id } = endsOf(entry);
  const source = followApp(store.platform, from);
  const target = followApp(store.platform, to);
  const line = source && lineWithId(source, addon, id);
  const hasArrived = target !== undefined && lineWithId(target, addon, id) !== undefined;
  const why = line && target && !hasArrived ? mayNot(context, entry, id) : undefined;
  const moves = source && line && target && !hasArrived && !why;
  if (moves) {
    await writeNames(store, target, addon, await namesToMove(context, source, target, addon));
    await appendLine(store, target, { addon, id, private: line.private });
  } else if (target && !hasArrived) await dropStrayNames(store, target, addon);
  if (source && (moves || hasArrived || !line)) await leave(context, source, target, addon, id);
  await deleteEntry(store, entry);
  return moves || hasArrived ? { end: 'committed' } : { end: 'withdrawn', ...(why && { why }) };
}

/** Who disables the add-on, or looks for the holder of the id, could miss a line that changes its place. */
function mayNot(context: Context, entry: Entry, id: string): AddonsError | undefined {
  const { addon } = entry.operation;
  const why = beingDisabled(context.store, addon);
  if (why) return why;
  return isNamedElsewhere(context.store, entry, id) ? busy(`${id} of ${addon}`, undefined) : undefined;
}

/** What came between the looks of `rename` and its recovery stays as it is. */
const namesToMove = async (context: Context, source: App, target: App, addon: string): Promise<string[]> =>
  freeNames(context, target, addon, extraNames(source, addon), await releasedValue(context, source, addon));

/** What the last release set: a platform that made the new directory may have copied ENV. */
export const releasedValue = async ({ store }: Context, app: App, addon: string): Promise<string | undefined> =>
  (await store.configVars.read(app)).values.get(store.platform.configVar(addon));

/** Also where the line has left already: its variables may not have. */
async function leave(context: Context, source: App, target: App | undefined, addon: string, id: string): Promise<void> {
  const { store } = context;
  if (target) await store.disk.sync(target.dir); // whoever appended the line may have died before it was durable
  await dropLine(store, source, addon, id);
  if (lineOf(source, addon) === undefined) await dropVariables(context, source, addon);
}

/** Of an attempt that got no further. */
async function dropStrayNames(store: Store, target: App, addon: string): Promise<void> {
  if (lineOf(target, addon) === undefined && extraNames(target, addon).length > 0)
    await writeNames(store, target, addon, []);
}

function endsOf(entry: Entry) {
  const { app: from, id } = resourceOf(entry);
  const { to } = entry.operation;
  if (to !== undefined) return { from, to, id };
  throw new AddonsError('malformed', `The journal entry ${entry.path} names no target.`, {
    hint: `Look at it, then: addons resolve ${entry.operation.id} --discard`,
  });
}
