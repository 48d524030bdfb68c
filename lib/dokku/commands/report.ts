import type { Command } from '../../cli/call.ts';
import { AddonsError } from '../../errors.ts';
import type { Addons, AppResources } from '../../operations/results.ts';
import type { Host } from '../host.ts';

/** What Dokku's reports tell of an app, in this order; each is also an option that asks for it alone. */
export const PROPERTIES = ['list', 'vars', 'state'] as const;

type Property = (typeof PROPERTIES)[number];

/** `addons:report [app] [--format json] [--addons-list]` */
export const report =
  (host: Host | undefined): Command =>
  async (call) => {
    const { format = 'stdout' } = call.flags;
    if (format !== 'stdout' && format !== 'json')
      throw new AddonsError('usage', `addons report has no format "${format}".`, { hint: 'There are: stdout, json.' });
    const addons = await call.addons();
    const told = call.one('app');
    const all = told === undefined ? await addons.apps() : [told];
    const apps = host && told === undefined ? await host.visible(all) : all;
    const asked = PROPERTIES.find((property) => `addons${capital(property)}` in call.flags);
    const reports: { app: string; properties: Record<Property, string> }[] = [];
    for (const app of apps) reports.push({ app, properties: propertiesOf(await addons.list(app, call.options)) });
    for (const { app, properties } of reports) await call.print(textOf(app, properties, asked, format));
    return { result: { apps: reports.map(({ app, properties }) => ({ app, ...named(properties) })) } };
  };

/** The trigger `report`: one app, in Dokku's own form. */
export async function reportText(addons: Addons, app: string): Promise<string> {
  return sectionOf(app, propertiesOf(await addons.list(app)));
}

function textOf(
  app: string,
  properties: Record<Property, string>,
  asked: Property | undefined,
  format: string,
): string {
  if (asked) return `${properties[asked]}\n`;
  return format === 'json' ? `${JSON.stringify(named(properties))}\n` : sectionOf(app, properties);
}

const sectionOf = (app: string, properties: Record<Property, string>): string =>
  [
    `=====> ${app} addons information`,
    ...PROPERTIES.map((property) => `       ${`Addons ${property}:`.padEnd(31)}${properties[property]}`.trimEnd()),
    '',
  ].join('\n');

const propertiesOf = ({ resources, malformed }: AppResources): Record<Property, string> => {
  const wrong = resources.filter(({ state }) => state !== 'ok').map(({ addon, state }) => `${addon}: ${state}`);
  const broken = malformed.map(({ line }) => `line ${line}: malformed`);
  return {
    list: resources.map(({ addon }) => addon).join(' '),
    vars: resources.flatMap(({ configVar, env }) => [configVar, ...env]).join(' '),
    state: [...wrong, ...broken].join(', ') || 'ok',
  };
};

const named = (properties: Record<Property, string>): Record<string, string> =>
  Object.fromEntries(PROPERTIES.map((property) => [`addons-${property}`, properties[property]]));

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
