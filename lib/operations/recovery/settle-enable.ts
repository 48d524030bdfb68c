import type { Addon } from '../../scripts/addon.ts';
import { deleteEntry, type Entry } from '../../state/journal.ts';
import { isEnabled, setEnabled } from '../../state/markers.ts';
import { type Context, uninterrupted } from '../context.ts';
import { keepingCrontab } from '../crontab.ts';
import { lockAddon } from '../locks.ts';
import { tendDaemons } from '../tend-daemons.ts';
import { runFor } from './script-run.ts';
import { type RepeatableEnd, settleRepeatable } from './settle-repeatable.ts';

/** Its daemons start once it is enabled: a failure of theirs does not take that back. */
export async function settleEnable(
  context: Context,
  entry: Entry,
  addon: Addon,
  mayRunAgain: boolean | 'anyway',
): Promise<RepeatableEnd> {
  const { store } = context;
  const settled = () =>
    settleRepeatable(
      context,
      entry,
      {
        secrets: () => addon.secrets,
        run: () => runFor(context, entry, addon, 'enable', []),
        commit: () =>
          lockAddon(uninterrupted(context), addon.name, async () => {
            await setEnabled(store, addon.name);
            await deleteEntry(store, entry);
          }),
        failed: `; ${addon.name} is ${isEnabled(store, addon.name) ? 'enabled as before' : 'not enabled'}`,
        forgetUnknown: true,
      },
      mayRunAgain,
    );
  const ended = await keepingCrontab(context, addon.name, addon.root, settled);
  if (ended.end === 'committed') await tendDaemons(context, addon.name);
  return ended;
}
