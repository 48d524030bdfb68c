import { resolve } from 'node:path';
import type { InstallResult } from '../../operations/results.ts';
import type { Command } from '../call.ts';
import { planText } from '../plan-text.ts';
import { visible } from '../visible-text.ts';

/** `addons install <source> [--as <name>]` */
export const install: Command = async (call) => {
  const word = call.given('source');
  const addons = await call.addons();
  // A bare word may be the name of an add-on that comes with the package.
  const source = /\/|^\.\.?$/.test(word) ? resolve(call.io.cwd, word) : word;
  const result = await addons.install(source, { ...call.options, as: call.flags.as });
  await call.say(installText(result));
  return { result };
};

function installText({ addon, outcome, source, version, configVar, overrides, steps }: InstallResult): string {
  const more = overrides === undefined ? '' : `Its configuration is overridden by ${visible(overrides)}.\n`;
  if (outcome === 'planned') return planText(`Would install ${addon} (${configVar})`, steps) + more;
  const what = version === undefined ? addon : `${addon} ${visible(version)}`;
  if (outcome === 'unchanged') return `${what} is installed already, just as in ${visible(source)}.\n${more}`;
  return `Installed ${what} from ${visible(source)}: apps get ${configVar}. Next: addons enable ${addon}\n${more}`;
}
