import { resolve } from 'node:path';
import type { AddonInfo, PackageInfo } from '../../operations/results.ts';
import type { Answer, Call, Command } from '../call.ts';
import { table } from '../table.ts';
import { visible } from '../visible-text.ts';
import { plural, thousands } from '../wording.ts';

/** `addons info <addon>`, `addons info <file>` */
export const info: Command = async (call) => {
  const word = call.given('addon');
  if (/\/|\.addon$/.test(word)) return aboutPackage(call, resolve(call.io.cwd, word));
  const result = await (await call.addons()).info(word);
  await call.print(infoText(result));
  return { result };
};

async function aboutPackage(call: Call, file: string): Promise<Answer> {
  const result = await (await call.addons()).packageInfo(file);
  await call.print(packageText(result));
  return { result };
}

function packageText(found: PackageInfo): string {
  const lines = [
    ['Package', found.file],
    ['Add-on', found.name],
    ['Description', found.description],
    ['Version', found.version],
    ['Content', `${plural(found.files, 'file')}, ${thousands(found.bytes)} bytes`],
    ['Hash', found.hash],
    ['Scripts', found.scripts.join(', ')],
    ['Daemons', found.daemons.join(', ') || undefined],
    ['Cron jobs', found.jobs.join(', ') || undefined],
    ['Inherits', found.inherits.join(', ') || undefined],
    ['Profiles', found.profiles.join(', ') || undefined],
  ];
  const rows = Object.entries(found.config).map(([key, value]) => [key, String(value)]);
  return [fieldLines(lines), rows.length > 0 && table(['CONFIGURATION', 'VALUE'], rows)].filter(Boolean).join('\n');
}

function infoText(addon: AddonInfo): string {
  return [
    fields(addon),
    table(['SCRIPT', 'STATE', 'TIMEOUT'], addon.scripts.map(scriptCells)),
    Object.keys(addon.config).length > 0 && configTable(addon),
    addon.daemons !== undefined && table(['DAEMON', 'COMMAND'], addon.daemons.map(daemonCells)),
    addon.jobs !== undefined && table(['JOB', 'SCHEDULE', 'COMMAND'], addon.jobs.map(jobCells)),
  ]
    .filter((part) => part !== false)
    .join('\n');
}

/** Where each value comes from is said only where there is more than one place. */
function configTable({ config, overrides, from }: AddonInfo): string {
  const rows = Object.entries(config).map(([key, value]) => [key, String(value)]);
  if (overrides === undefined && Object.keys(from).length === 0) return table(['CONFIGURATION', 'VALUE'], rows);
  return table(
    ['CONFIGURATION', 'VALUE', 'FROM'],
    rows.map(([key = '', value = '']) => [key, value, from[key] ?? 'addon.toml']),
  );
}

const fields = (addon: AddonInfo): string =>
  fieldLines([
    ['Add-on', addon.name],
    ['Description', addon.description],
    ['Version', addon.version],
    ['Newer shipped', addon.newerShipped],
    ['State', addon.enabled ? 'enabled' : addon.installed ? 'installed' : 'shipped'],
    ['Developed in', addon.developed],
    ['Apps', addon.apps.join(', ') || 'none'],
    ['Variable', addon.configVar],
    ['Scripts in', addon.root],
    ['Data in', addon.data],
    ['Overrides in', addon.overrides],
    ['Profile', addon.profile],
    ['Inherits', addon.inherits.join(', ') || undefined],
    ['Provision', addon.idempotent ? 'safe to run again after a crash' : 'not known to be safe to run again'],
    ['Passed on', addon.passEnv.join(', ') || undefined],
  ]);

const fieldLines = (fields: readonly (readonly (string | undefined)[])[]): string =>
  fields
    .flatMap(([name = '', value]) => (value === undefined ? [] : [`${`${name}:`.padEnd(15)}${visible(value)}\n`]))
    .join('');

const daemonCells = ({ name, command }: NonNullable<AddonInfo['daemons']>[number]): string[] => [
  name,
  command.join(' '),
];

const jobCells = ({ name, schedule, command }: NonNullable<AddonInfo['jobs']>[number]): string[] => [
  name,
  schedule,
  command.join(' '),
];

const scriptCells = ({ name, present, required, timeout }: AddonInfo['scripts'][number]): string[] => [
  name,
  present ? 'present' : required ? 'MISSING' : 'not there (optional)',
  `${timeout} s`,
];
