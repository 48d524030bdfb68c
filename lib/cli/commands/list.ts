import { AddonsError } from '../../errors.ts';
import type { AddonState, AppResources } from '../../operations/results.ts';
import type { Answer, Call, Command } from '../call.ts';
import { warnOfMalformed } from '../malformed-lines.ts';
import { table } from '../table.ts';

/** `addons list [-a] [app]`, `addons`, `addons <app>` */
export const list: Command = async (call) => {
  const app = call.one('app');
  if (call.flags.all && app !== undefined) {
    throw new AddonsError('usage', '-a lists the add-ons, not an app.', { hint: 'Leave out -a or the app.' });
  }
  if (call.flags.all) return listAddons(call);
  return app === undefined ? listApps(call) : listApp(call, app);
};

async function listApp(call: Call, app: string): Promise<Answer> {
  const found = await (await call.addons()).list(app, call.options);
  if (found.resources.length === 0) call.report.note(`${app} has no add-ons.`);
  else await call.print(table(['ADD-ON', 'ID', 'VARIABLE', 'STATE'], cells(found)));
  warnOfMalformed(call, found);
  return { result: { apps: [found] } };
}

async function listApps(call: Call): Promise<Answer> {
  const apps: AppResources[] = [];
  const addons = await call.addons();
  for await (const found of addons.listAll(call.options)) apps.push(found);
  const rows = apps.flatMap((found) =>
    found.resources.length > 0 ? cells(found).map((row) => [found.app, ...row]) : [[found.app, '-']],
  );
  if (apps.length === 0) call.report.note(`There are no apps in ${addons.platform.appsRoot}.`);
  else await call.print(table(['APP', 'ADD-ON', 'ID', 'VARIABLE', 'STATE'], rows));
  for (const found of apps) warnOfMalformed(call, found);
  return { result: { apps } };
}

async function listAddons(call: Call): Promise<Answer> {
  const addons = await (await call.addons()).addons(call.options);
  if (addons.length === 0) call.report.note('No add-on is installed, and none comes with this package.');
  else await call.print(table(['ADD-ON', 'VERSION', 'STATE', 'APPS', 'DESCRIPTION'], addons.map(addonCells)));
  return { result: { addons } };
}

const cells = ({ resources }: AppResources): string[][] =>
  resources.map(({ addon, id, configVar, env, state, kept }) => [
    addon,
    id || '-',
    [configVar, ...env].join(', '),
    kept ? `${state}, kept` : state,
  ]);

const addonCells = (addon: AddonState): string[] => [
  addon.name,
  addon.version ?? '-',
  stateOf(addon),
  fewNames(addon.apps),
  addon.description ?? '',
];

const stateOf = ({ installed, enabled, developed }: AddonState): string => {
  const state = enabled ? 'enabled' : installed ? 'installed' : 'shipped';
  return developed === undefined ? state : `${state}, developed`;
};

/** A hundred names would tear the table apart; `addons info` has them all. */
const fewNames = (names: readonly string[]): string =>
  names.length === 0 ? '-' : names.length > 3 ? `${names.length} apps` : names.join(', ');
