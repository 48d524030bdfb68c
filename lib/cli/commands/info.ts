import type { AddonInfo } from '../../operations/results.ts';
import type { Command } from '../call.ts';
import { table } from '../table.ts';
import { visible } from '../visible-text.ts';

/** `addons info <addon>` */
export const info: Command = async (call) => {
  const result = await (await call.addons()).info(call.given('addon'));
  await call.print(infoText(result));
  return { result };
};

function infoText(addon: AddonInfo): string {
  return [
    fields(addon),
    table(['SCRIPT', 'STATE', 'TIMEOUT'], addon.scripts.map(scriptCells)),
    Object.keys(addon.config).length > 0 && configTable(addon),
  ]
    .filter((part) => part !== false)
    .join('\n');
}

/** Where each value comes from is said only where there is more than one place. */
function configTable({ config, overrides, overridden }: AddonInfo): string {
  const rows = Object.entries(config).map(([key, value]) => [key, String(value)]);
  if (overrides === undefined) return table(['CONFIGURATION', 'VALUE'], rows);
  return table(
    ['CONFIGURATION', 'VALUE', 'FROM'],
    rows.map(([key = '', value = '']) => [key, value, overridden.includes(key) ? 'overrides' : 'addon.toml']),
  );
}

const fields = (addon: AddonInfo): string =>
  [
    ['Add-on', addon.name],
    ['Description', addon.description],
    ['Version', addon.version],
    ['Newer shipped', addon.newerShipped],
    ['State', addon.enabled ? 'enabled' : addon.installed ? 'installed' : 'shipped'],
    ['Apps', addon.apps.join(', ') || 'none'],
    ['Variable', addon.configVar],
    ['Scripts in', addon.root],
    ['Data in', addon.data],
    ['Overrides in', addon.overrides],
    ['Provision', addon.idempotent ? 'safe to run again after a crash' : 'not known to be safe to run again'],
    ['Passed on', addon.passEnv.join(', ') || undefined],
  ]
    .flatMap(([name = '', value]) => (value === undefined ? [] : [`${`${name}:`.padEnd(15)}${visible(value)}\n`]))
    .join('');

const scriptCells = ({ name, present, required, timeout }: AddonInfo['scripts'][number]): string[] => [
  name,
  present ? 'present' : required ? 'MISSING' : 'not there (optional)',
  `${timeout} s`,
];
