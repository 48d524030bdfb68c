import { join } from 'node:path';
import type { Limits, StopSignal } from '../addon/daemons.ts';
import { quoted } from './shell-words.ts';
import type { ServiceFile } from './supervisor.ts';
import { type InstanceName, idOf, instancesOf, startOf, type Unit } from './unit.ts';

/** The directory that runsv works in. */
export const serviceOf = ({ directory }: Unit, instance: InstanceName): string => join(directory, String(instance));

export const logOf = ({ logs, set }: Unit, instance: InstanceName): string => join(logs, `${set}-${instance}`);

/** A service directory for each instance. */
export const runitFiles = (unit: Unit): ServiceFile[] =>
  instancesOf(unit).flatMap((instance) => {
    const service = serviceOf(unit, instance);
    const log = logOf(unit, instance);
    const { logSize, logFiles, stopSignal } = unit.spec;
    return [
      { path: join(service, 'run'), text: run(unit, instance), mode: 0o700 },
      { path: join(service, 'finish'), text: FINISH, mode: 0o700 },
      { path: join(service, 'control', 'k'), text: KILL, mode: 0o700 },
      ...(stopSignal === 'TERM'
        ? []
        : ([{ path: join(service, 'control', 't'), text: stop(stopSignal), mode: 0o700 }] as const)),
      {
        path: join(service, 'log', 'run'),
        text: `#!/bin/sh\nexec svlogd -tt -l 8192 -b 16384 ${quoted(log)}\n`,
        mode: 0o700,
      },
      { path: join(log, 'config'), text: `s${logSize}\nn${logFiles}\n`, mode: 0o600 },
    ] as const;
  });

/**
 * The daemon leads a process group of its own, whose number is in the file `group`: so all of it can be killed. One whose
 * supervisor was killed goes before another is started.
 */
const run = (unit: Unit, instance: InstanceName): string =>
  [
    '#!/bin/sh',
    'exec 2>&1',
    `if read -r left 2>/dev/null <group && tr '\\0' '\\n' <"/proc/$left/environ" 2>/dev/null | grep -qx ${quoted(`ADDONS_DAEMON=${idOf(unit, instance)}`)}; then`,
    '  kill -KILL "-$left" 2>/dev/null',
    'fi',
    'echo "$$" >group || exit 1',
    ...ageLines(unit),
    `exec ${['chpst -P', ...limiting(unit.spec.limits), ...ageing(unit), '/bin/sh', quoted(startOf(unit)), instance].join(' ')}`,
    '',
  ].join('\n');

/** Up to a tenth later: not all instances at once. */
const ageLines = ({ spec: { maxAge } }: Unit): string[] =>
  maxAge === 0 ? [] : [`age=$((${maxAge} + $(od -An -N2 -tu2 /dev/urandom) * ${Math.ceil(maxAge / 10)} / 65536))`];

/** In the foreground it signals the daemon alone, not its group. */
const ageing = ({ spec: { maxAge, stopTimeout } }: Unit): string[] =>
  maxAge === 0 ? [] : [`timeout --foreground --kill-after=${stopTimeout} "$age"`];

const OPTIONS: Record<keyof Limits, string> = {
  memory: 'as',
  files: 'nofile',
  processes: 'nproc',
  cpu: 'cpu',
  file_size: 'fsize',
};

function limiting(limits: Limits): string[] {
  const options = Object.entries(OPTIONS).flatMap(([name, option]) => {
    const limit = limits[name as keyof Limits]; // a key of the table
    return limit === undefined ? [] : [`--${option}=${limit}`];
  });
  return options.length === 0 ? [] : [`prlimit ${options.join(' ')}`];
}

/** Whatever it started and left behind ends with it. */
const FINISH = `#!/bin/sh
read -r group <group && kill -KILL "-$group" 2>/dev/null
rm -f group
`;

/** In place of a TERM: to the daemon, or to the time limit before it, which passes it on. */
const stop = (signal: StopSignal) => `#!/bin/sh
read -r group <group && kill -${signal} "$group"
`;

/** In place of a KILL to the daemon alone. */
const KILL = `#!/bin/sh
read -r group <group && kill -KILL "-$group"
`;
