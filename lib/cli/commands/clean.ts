import { resolve } from 'node:path';
import type { CleanResult } from '../../operations/results.ts';
import type { Command } from '../call.ts';
import { planText } from '../plan-text.ts';
import { visible } from '../visible-text.ts';
import { listed } from '../wording.ts';

/** `addons clean [dir] [--deps]` */
export const clean: Command = async (call) => {
  const directory = resolve(call.io.cwd, call.one('dir') ?? '.');
  const result = await (await call.addons()).clean(directory, { ...call.options, deps: call.flags.deps });
  await call.say(cleanText(result));
  return { result };
};

function cleanText({ directory, outcome, removed, steps }: CleanResult): string {
  if (outcome === 'planned') return planText(`Would clean ${visible(directory)}`, steps);
  if (outcome === 'unchanged') return `There is nothing to clean in ${visible(directory)}.\n`;
  return `Cleaned ${visible(directory)}${removed.length > 0 ? `: removed ${listed(removed)}` : ''}.\n`;
}
