import type { RotateResult } from '../../operations/results.ts';
import type { Call, Command } from '../call.ts';
import { planText } from '../plan-text.ts';
import { listed } from '../wording.ts';

/** `addons rotate <app> <addon>` */
export const rotate: Command = async (call) => {
  const result = await (await call.addons()).rotate(call.given('app'), call.given('addon'), call.options);
  await call.say(rotateText(call, result));
  return { result };
};

function rotateText(call: Call, { app, addon, outcome, configVars, steps }: RotateResult): string {
  if (outcome === 'planned') return planText(`Would rotate the secret of ${addon} for ${app}`, steps);
  const done = `Rotated the secret of ${addon} for ${app}.`;
  if (call.releases) return `${done}\n`;
  const next = `${app} goes on with the old ${listed(configVars)} until its next release`;
  return `${done} ${next}: addons release ${app}\n`;
}
