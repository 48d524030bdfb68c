import { resolve } from 'node:path';
import type { SwapResult } from '../../operations/results.ts';
import type { Command } from '../call.ts';
import { planText } from '../plan-text.ts';
import { visible } from '../visible-text.ts';
import { listed, plural } from '../wording.ts';

/** `addons swap <source> [--as <name>]`; exit 1 where an app that uses it could not be released. */
export const swap: Command = async (call) => {
  const word = call.given('source');
  const addons = await call.addons();
  // A bare word may be the name of an add-on that comes with the package.
  const source = /\/|^\.\.?$|\.addon$/.test(word) ? resolve(call.io.cwd, word) : word;
  const result = await addons.swap(source, { ...call.options, as: call.flags.as });
  await call.say(swapText(result));
  return { result, status: result.notReleased.length > 0 ? 1 : 0 };
};

function swapText({ addon, outcome, source, version, replaced, released, notReleased, steps }: SwapResult): string {
  if (outcome === 'planned') return planText(`Would swap ${addon}`, steps);
  if (outcome === 'unchanged') return `${addon} is just as in ${visible(source)} already.\n`;
  const what = version === undefined ? addon : `${addon} ${visible(version)}`;
  const before = visible(replaced ?? '') || 'another version';
  const apps = released.length === 0 ? '' : ` Released ${plural(released.length, 'app')}.`;
  const left = notReleased.length === 0 ? '' : ` Not released: ${listed(notReleased)}; see addons check.`;
  return `Swapped to ${what}, in place of ${before}.${apps}${left}\n`;
}
