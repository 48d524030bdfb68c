import { resolve } from 'node:path';
import { newAddon as make, type NewAddon } from '../../packages/new-addon.ts';
import type { Command } from '../call.ts';
import { planText } from '../plan-text.ts';
import { visible } from '../visible-text.ts';

/** `addons new <name> [--template <name>]` */
export const newAddon: Command = async (call) => {
  const { template, dryRun = false } = call.flags;
  const directory = resolve(call.io.cwd, call.given('name'));
  const result = make(directory, { dryRun, ...(template !== undefined && { template }) });
  await call.say(newText(result));
  return { result };
};

function newText({ addon, template, directory, outcome, steps }: NewAddon): string {
  if (outcome === 'planned') return planText(`Would make ${addon}`, steps);
  return `Made ${addon} from the template ${template} in ${visible(directory)}. Next: addons test ${visible(directory)}\n`;
}
