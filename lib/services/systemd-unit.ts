import type { Limits } from '../addon/daemons.ts';
import { type InstanceName, startOf, type Unit } from './unit.ts';

/** `x-addon-redis-server@`: one template for all instances, `x-addon2-redis-server@` for those of a set beside the first. */
const templateName = ({ platform, addon, daemon, set, each }: Unit): string =>
  `${platform}-addon${set === 'a' ? '' : '2'}-${addon}-${daemon}${each === undefined ? '' : `.${each}`}@`;

export const templateOf = (unit: Unit): string => `${templateName(unit)}.service`;

export const instanceUnit = (unit: Unit, instance: InstanceName): string => `${templateName(unit)}${instance}.service`;

/** The first line of a unit: whose it is. "a-b" with "c" would have the name of "a" with "b-c". */
export const unitMark = ({ home, addon, daemon, set, each }: Unit): string =>
  `# Written by addons for ${JSON.stringify([home, addon, daemon, set, ...(each === undefined ? [] : [each])])}, and replaced by it.`;

/** What systemd reads. It names no secret: that is in the script. */
export function systemdUnit(unit: Unit, wantedBy: string): string {
  const { platform, addon, daemon, spec } = unit;
  const { stopSignal, stopTimeout, maxAge, limits } = spec;
  return [
    unitMark(unit),
    '[Unit]',
    `Description=${daemon} %i of the add-on ${addon} of ${platform}`,
    'After=network.target',
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=exec',
    `ExecStart=/bin/sh ${word(startOf(unit))} %i`,
    'Restart=always',
    'RestartSec=1',
    'KillMode=mixed',
    ...(stopSignal === 'TERM' ? [] : [`KillSignal=SIG${stopSignal}`]),
    `TimeoutStopSec=${stopTimeout}`,
    ...(maxAge === 0 ? [] : [`RuntimeMaxSec=${maxAge}`, `RuntimeRandomizedExtraSec=${Math.ceil(maxAge / 10)}`]),
    ...limitLines(limits),
    '',
    '[Install]',
    `WantedBy=${wantedBy}`,
    '',
  ].join('\n');
}

const LINES: Record<keyof Limits, string> = {
  memory: 'LimitAS',
  files: 'LimitNOFILE',
  processes: 'LimitNPROC',
  cpu: 'LimitCPU',
  file_size: 'LimitFSIZE',
};

const limitLines = (limits: Limits): string[] =>
  Object.entries(LINES).flatMap(([name, line]) => {
    const limit = limits[name as keyof Limits]; // a key of the table
    return limit === undefined ? [] : [`${line}=${limit}`];
  });

/** As systemd reads words: "%" and "$" mean something to it. */
const word = (text: string): string =>
  `"${text.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;
