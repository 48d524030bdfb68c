import { parsePrivate } from '../../addon/contract.ts';
import { AddonsError } from '../../errors.ts';
import type { Addon } from '../../scripts/addon.ts';
import { changePrivate } from '../../state/app-changes.ts';
import { lineWithId } from '../../state/app-files.ts';
import { followApp } from '../../state/apps.ts';
import { deleteEntry, type Entry } from '../../state/journal.ts';
import type { Run } from '../../state/runs.ts';
import { type Context, uninterrupted } from '../context.ts';
import { lockApp } from '../locks.ts';
import { resourceOf } from './entry-fields.ts';
import { runFor, settleLastRun } from './script-run.ts';
import { type RepeatableEnd, settleRepeatable } from './settle-repeatable.ts';

/** The secret changes in the line and nowhere else; without the line there is nobody to have it. */
export async function settleRotate(
  context: Context,
  entry: Entry,
  addon: Addon,
  mayRunAgain: boolean | 'anyway',
): Promise<RepeatableEnd | { end: 'withdrawn' }> {
  const { store } = context;
  const { app: target, id } = resourceOf(entry);
  await settleLastRun(context, entry);
  const app = followApp(store.platform, target);
  const line = app && lineWithId(app, addon.name, id);
  if (line === undefined) {
    await deleteEntry(store, entry);
    return { end: 'withdrawn' };
  }
  return settleRepeatable(
    context,
    entry,
    {
      run: () => runFor(context, entry, addon, 'rotate', [id, line.private], id),
      refuse: (run) => refuse(run, addon, entry),
      commit: (run) => commit(context, entry, parsePrivate(run.out)),
      secrets: () => [...addon.secrets, line.private, ...entry.runs.map(({ out }) => out.toString().trim())],
      failed: `; the line of ${id} stays as it was in ADDONS of ${target.name}`,
      hint: ROTATE_AGAIN,
    },
    mayRunAgain,
  );
}

/** It may have changed the secret before it failed. */
const ROTATE_AGAIN = 'The old secret may not work any more: mend the reason, then run the command again.';

function refuse({ out }: Run, { name }: Addon, { operation }: Entry): AddonsError | undefined {
  try {
    parsePrivate(out);
    return undefined;
  } catch (error) {
    const what = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
    return new AddonsError('script-output', `rotate of ${name} ${what}; the line in ADDONS stays as it was.`, {
      hint: ROTATE_AGAIN,
      details: { script: 'rotate', addon: name, operation: operation.id },
    });
  }
}

async function commit(context: Context, entry: Entry, secret: string): Promise<void> {
  const { store } = context;
  const { app: target, id } = resourceOf(entry);
  const { addon } = entry.operation;
  await lockApp(uninterrupted(context), target, async () => {
    const app = followApp(store.platform, target);
    if (app && lineWithId(app, addon, id)) await changePrivate(store, app, { addon, id, private: secret });
    await deleteEntry(store, entry);
  });
}
