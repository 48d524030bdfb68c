import { resolve } from 'node:path';
import type { InstallResult } from '../../operations/results.ts';
import type { Command } from '../call.ts';
import { planText } from '../plan-text.ts';
import { visible } from '../visible-text.ts';

/** `addons install <source> [--as <name>] [--force]` */
export const install: Command = async (call) => {
  const word = call.given('source');
  const addons = await call.addons();
  // A bare word may be the name of an add-on that comes with the package.
  const source = /\/|^\.\.?$|\.addon$/.test(word) ? resolve(call.io.cwd, word) : word;
  const result = await addons.install(source, { ...call.options, as: call.flags.as, force: call.flags.force });
  await call.say(installText(result));
  return { result };
};

function installText(result: InstallResult): string {
  const { addon, outcome, source, version, replaced, configVar, overrides, steps } = result;
  const more = overrides === undefined ? '' : `Its configuration is overridden by ${visible(overrides)}.\n`;
  if (outcome === 'planned') return planText(`Would install ${addon} (${configVar})`, steps) + more;
  const what = version === undefined ? addon : `${addon} ${visible(version)}`;
  if (outcome === 'unchanged') return `${what} is installed already, just as in ${visible(source)}.\n${more}`;
  if (replaced !== undefined) {
    const before = visible(replaced) || 'another version';
    return `Updated ${what} from ${visible(source)}, in place of ${before}. To set it up anew: addons enable ${addon} --again\n${more}`;
  }
  return `Installed ${what} from ${visible(source)}: apps get ${configVar}. Next: addons enable ${addon}\n${more}`;
}
