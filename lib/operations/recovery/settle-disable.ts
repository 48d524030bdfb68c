import type { Addon } from '../../scripts/addon.ts';
import { deleteEntry, type Entry } from '../../state/journal.ts';
import { unsetEnabled } from '../../state/markers.ts';
import type { Run } from '../../state/runs.ts';
import { type Context, uninterrupted } from '../context.ts';
import { keepingCrontab } from '../crontab.ts';
import { lockAddon } from '../locks.ts';
import { tendDaemons } from '../tend-daemons.ts';
import { runFor } from './script-run.ts';
import { type RepeatableEnd, settleRepeatable } from './settle-repeatable.ts';

/** Its daemons end first: what they work on is about to be cleaned up. */
export async function runDisable(context: Context, entry: Entry, addon: Addon): Promise<Run> {
  await tendDaemons(context, addon.name, 'end');
  const run = await runFor(context, entry, addon, 'disable', []);
  await tendDaemons(context, addon.name, 'end'); // those of directories that it has removed
  return run;
}

/** Before `starting` nothing has happened yet: the entry is forgotten. */
export async function settleDisable(
  context: Context,
  entry: Entry,
  addon: Addon,
  mayRunAgain: boolean | 'anyway',
): Promise<RepeatableEnd | { end: 'withdrawn' }> {
  const { store } = context;
  if (!entry.starting) {
    await deleteEntry(store, entry);
    return { end: 'withdrawn' };
  }
  const settled = () =>
    settleRepeatable(
      context,
      entry,
      {
        secrets: () => addon.secrets,
        run: () => runDisable(context, entry, addon),
        commit: () =>
          lockAddon(uninterrupted(context), addon.name, async () => {
            await unsetEnabled(store, addon.name);
            await deleteEntry(store, entry);
          }),
        failed: `; ${addon.name} stays enabled and accepts no new apps until it is disabled`,
        keepEntry: true,
      },
      mayRunAgain,
    );
  return keepingCrontab(context, addon.name, addon.root, settled);
}
