import type { UninstallResult } from '../../operations/results.ts';
import type { Command } from '../call.ts';
import { planText } from '../plan-text.ts';
import { each } from '../tally.ts';
import { visible } from '../visible-text.ts';

/** `addons uninstall <addon>... [--clean]` */
export const uninstall: Command = async (call) => {
  const addons = await call.addons();
  return each(call, call.many('addon'), {
    noun: 'add-on',
    subject: (addon) => ({ addon }),
    act: (addon) => addons.uninstall(addon, { ...call.options, clean: call.flags.clean }),
    text: uninstallText,
  });
};

function uninstallText({ addon, outcome, left, overrides, config, steps }: UninstallResult): string {
  const rest = [
    left && `What it kept in ${visible(left)} was left.\n`,
    config && `Its configuration in ${visible(config)} was edited, and was left.\n`,
    overrides && `Its configuration in ${visible(overrides)} was left.\n`,
  ].filter(Boolean);
  if (outcome === 'unchanged') return `${addon} is not installed.\n`;
  if (outcome === 'done') return `Uninstalled ${addon}.\n${rest.join('')}`;
  return planText(`Would uninstall ${addon}`, steps) + rest.join('').replaceAll('was left', 'stays');
}
