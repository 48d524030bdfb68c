import type { CloneResult } from '../../operations/results.ts';
import type { Command } from '../call.ts';
import { planText } from '../plan-text.ts';
import { listed } from '../wording.ts';

/** `addons clone <app> <new> [--with-data]` */
export const clone: Command = async (call) => {
  const { withData } = call.flags;
  const addons = await call.addons();
  const result = await addons.clone(call.given('app'), call.given('new'), { ...call.options, withData });
  await call.say(cloneText(result, withData === true));
  return { result };
};

function cloneText({ app, to, outcome, added, steps }: CloneResult, withData: boolean): string {
  if (outcome === 'planned') return planText(`Would give ${to} what ${app} has`, steps);
  if (added.length === 0) return `${app} has no add-ons: nothing to clone.\n`;
  const names = added.filter((one) => one.outcome === 'done').map(({ addon }) => addon);
  if (names.length === 0) return `${to} has all that ${app} has already.\n`;
  const contents = withData ? `with the data of ${app}` : 'empty';
  return `Added ${listed(names)} to ${to}, ${contents}: the next release of ${to} sets its variables.\n`;
}
