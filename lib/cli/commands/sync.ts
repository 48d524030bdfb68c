import type { Synced } from '../../operations/results.ts';
import type { Command } from '../call.ts';
import { planText } from '../plan-text.ts';
import { startTally } from '../tally.ts';
import { visible } from '../visible-text.ts';

/** `addons sync`: one failure does not stop the rest, and the exit status says so. */
export const sync: Command = async (call) => {
  const addons = await call.addons();
  const tally = startTally(call, 'package');
  let any = false;
  for await (const end of addons.sync(call.options)) {
    any = true;
    if (!('error' in end)) await tally.done(end, syncText(end));
    else tally.failed(end.file, { ...(end.addon !== undefined && { addon: end.addon }), file: end.file }, end.error);
  }
  if (!any) call.report.note(`There are no packages in ${addons.platform.provisioned}.`);
  return tally.answer();
};

function syncText({ addon, file, outcome, version, replaced, steps }: Synced): string {
  const what = version === undefined ? addon : `${addon} ${visible(version)}`;
  if (outcome === 'planned') return planText(`Would install ${what}`, steps);
  if (outcome === 'unchanged') return `${addon} is as it shall be.\n`;
  const before = replaced === undefined ? '' : ` in place of ${visible(replaced) || 'another version'}`;
  return `Installed ${what} from ${visible(file)}${before}.\n`;
}
