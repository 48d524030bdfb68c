import { AddonsError } from '../errors.ts';
import { checkAddonName } from '../names.ts';
import { hasScript } from '../scripts/locate.ts';
import { extraNames, lineOf } from '../state/app-files.ts';
import { findApp } from '../state/apps.ts';
import { prepareAddonData } from '../state/store.ts';
import { enabledAddon } from './addons.ts';
import { beginOnApp, carryThrough } from './begin.ts';
import type { Context } from './context.ts';
import { gate } from './gate.ts';
import { logged } from './logged.ts';
import { noResource } from './no-resource.ts';
import { runFor } from './recovery/script-run.ts';
import { settleRotate } from './recovery/settle-rotate.ts';
import type { RotateResult } from './results.ts';
import { lookForShared, refuseShared } from './shared.ts';

/** Gives the resource a new secret. The app goes on with the old one until its next release. */
export async function rotate(context: Context, appName: string, addonName: string): Promise<RotateResult> {
  checkAddonName(addonName);
  if (context.dryRun) return plan(context, appName, addonName);
  return logged(context, { what: 'rotate', app: appName, addon: addonName }, (context) =>
    carryOut(context, appName, addonName),
  );
}

async function carryOut(context: Context, appName: string, addonName: string): Promise<RotateResult> {
  findApp(context.store.platform, appName);
  const addon = rotatable(context, addonName);
  const look = lookForShared(context);
  const begun = await beginOnApp(context, 'rotate', appName, addonName, (app, line) => {
    if (line) look(app, line, 'nothing was changed');
    return line && { resource: line.id };
  });
  if (!begun.begun || begun.line === undefined) throw noResource(context, appName, addonName);
  const { entry, line, app } = begun;
  return carryThrough(context, entry, async () => {
    await gate(context, entry);
    context.tell({ type: 'step', message: `Rotating the secret of ${addonName} for ${appName}` });
    prepareAddonData(context.store, addonName);
    await runFor(context, entry, addon, 'rotate', [line.id, line.private], line.id);
    const ended = await settleRotate(context, entry, addon, false);
    if (ended.end === 'withdrawn') throw noResource(context, appName, addonName);
    if (ended.end !== 'committed') throw ended.why;
    const configVars = [context.store.platform.configVar(addonName), ...extraNames(app, addonName)];
    return { app: appName, addon: addonName, outcome: 'done', id: line.id, configVars, steps: [] };
  });
}

function plan(context: Context, appName: string, addonName: string): RotateResult {
  const { platform } = context.store;
  const app = findApp(platform, appName);
  rotatable(context, addonName);
  const line = lineOf(app, addonName);
  if (line === undefined) throw noResource(context, appName, addonName);
  refuseShared(context, app, line, 'nothing was changed');
  const configVars = [platform.configVar(addonName), ...extraNames(app, addonName)];
  const steps = [
    `run rotate of ${addonName} for ${line.id}`,
    `write the new secret to its line in ${app.dir}/ADDONS`,
    `the next release changes ${configVars.join(' and ')}`,
  ];
  return { app: appName, addon: addonName, outcome: 'planned', id: line.id, configVars, steps };
}

function rotatable(context: Context, name: string) {
  const addon = enabledAddon(context, name);
  if (hasScript(addon.root, 'rotate')) return addon;
  throw new AddonsError('script-not-found', `The add-on ${name} has no rotate script.`, {
    hint: 'Its resources have no secret, or it must be changed in the service itself: see docs/writing-add-ons.md.',
    details: { addon: name, script: 'rotate' },
  });
}
