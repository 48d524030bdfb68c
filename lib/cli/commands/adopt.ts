import type { AdoptResult, ResourceState } from '../../operations/results.ts';
import type { Call, Command } from '../call.ts';
import { planText } from '../plan-text.ts';
import { askSecret } from '../secret.ts';
import { nextRelease } from '../wording.ts';

/** `addons adopt <app> <addon> <id> [--keep | --no-keep] [--env NAME]`, the private on stdin or asked for */
export const adopt: Command = async (call) => {
  const { app, addon, id } = { app: call.given('app'), addon: call.given('addon'), id: call.given('id') };
  const addons = await call.addons();
  const { keep, env } = call.flags;
  // What will be refused anyway is refused before anybody is asked for a secret.
  await addons.adopt(app, addon, { id, private: '' }, { ...call.options, keep, env, dryRun: true });
  const { resources } = await addons.list(app, call.options);
  const has = resources.some((one) => one.addon === addon && one.id === id && !COMING.has(one.state));
  // What has its line, or is only planned, needs no secret.
  const secret = has || call.flags.dryRun ? undefined : await askSecret(call, `Private of ${id}, empty for none`);
  const result = await addons.adopt(app, addon, { id, private: secret }, { ...call.options, keep, env });
  await call.say(adoptText(call, result));
  return { result };
};

/** It may have no line yet, and an interrupted adopt will leave none. */
const COMING = new Set<ResourceState['state']>(['adding', 'moving', 'quarantined']);

function adoptText(call: Call, { app, addon, id, outcome, configVar, env, kept, steps }: AdoptResult): string {
  const mark = kept ? 'marked as never to be unprovisioned' : 'which remove unprovisions';
  if (outcome === 'planned') return planText(`Would give ${app} ${id} of ${addon}`, steps);
  if (outcome === 'unchanged') return `${app} has ${id} of ${addon} already, ${mark}.\n`;
  return `${app} has ${id} of ${addon} now, ${mark}${nextRelease(call, [configVar, ...env])}.\n`;
}
