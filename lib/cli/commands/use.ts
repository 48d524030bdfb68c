import { AddonsError } from '../../errors.ts';
import type { Outcome } from '../../operations/results.ts';
import type { Answer, Call, Command } from '../call.ts';
import { rememberApp, rememberedApp, usedApp } from '../used-app.ts';

/** `addons use [APP | --none]` */
export const use: Command = async (call) => {
  const app = call.one('app');
  if (call.flags.none && app !== undefined) {
    throw new AddonsError('usage', '--none and the name of an app exclude each other.', { hint: 'Leave one out.' });
  }
  if (app === undefined) return call.flags.none ? forget(call) : show(call);
  await (await call.addons()).list(app, call.options); // it refuses an app that is not there
  const outcome = await change(call, app);
  const { appsRoot, variable, fromVariable } = call.usedApp;
  await call.say(`${outcome === 'planned' ? 'Would use' : 'Using'} ${app} for the apps in ${appsRoot}.\n`);
  if (fromVariable !== undefined && fromVariable !== app) {
    call.report.warn(`${variable} is ${fromVariable}, and stands above it.`);
  }
  return { result: { app, from: 'addons use', outcome } };
};

async function forget(call: Call): Promise<Answer> {
  const outcome = await change(call, undefined);
  await call.say(outcome === 'planned' ? 'Would use no app any more.\n' : 'No app is used.\n');
  return { result: { app: null, from: null, outcome } };
}

async function show({ usedApp: place, report, print }: Call): Promise<Answer> {
  const used = usedApp(place, report.warn);
  if (used === undefined) report.note('No app is used: addons use APP');
  else await print(`${used.app} (${used.from})\n`);
  return { result: { app: used?.app ?? null, from: used?.from ?? null, outcome: 'unchanged' } };
}

async function change({ usedApp: place, options, report }: Call, app: string | undefined): Promise<Outcome> {
  let damaged = false;
  const before = rememberedApp(place, (message) => {
    damaged = true;
    report.warn(message);
  });
  if (before === app && !damaged) return 'unchanged';
  if (options.dryRun) return 'planned';
  await rememberApp(place, app);
  return 'done';
}
