import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isRoot } from '../state/directory.ts';
import type { InstanceState, LogLine, LogOptions, Supervisor } from './supervisor.ts';
import { instanceUnit, systemdUnit, templateOf } from './systemd-unit.ts';
import { findTool, runTool } from './tool.ts';
import { instancesOf, type Unit } from './unit.ts';

/** Where units lie, and of which of systemd's managers they are: root's of the system, everybody else's own. */
export interface UnitPlace {
  units: string;
  wantedBy: string;
  /** Before every argument of systemctl and journalctl. */
  flags: readonly string[];
}

const ofUser = (): UnitPlace => ({
  units: join(homedir(), '.config/systemd/user'),
  wantedBy: 'default.target',
  flags: ['--user'],
});

const OF_SYSTEM: UnitPlace = { units: '/etc/systemd/system', wantedBy: 'multi-user.target', flags: [] };

/** A template unit for each daemon, and one unit of it for each instance. */
export const systemd = (scriptPath: string, manager: UnitPlace = isRoot() ? OF_SYSTEM : ofUser()): Supervisor => {
  const { units: directory, wantedBy, flags } = manager;
  const systemctl = (args: readonly string[], accepted?: readonly number[]) =>
    runTool('systemctl', [...flags, ...args], scriptPath, accepted);
  return {
    name: 'systemd',
    files: (unit) => [{ path: join(directory, templateOf(unit)), text: systemdUnit(unit, wantedBy), mode: 0o644 }],
    async begin(units) {
      await systemctl(['daemon-reload']);
      await systemctl(['enable', '--now', '--quiet', ...names(units)]);
    },
    async end(units, remove) {
      // 1 and 5: what was never enabled, or is not loaded.
      await systemctl(['disable', '--now', '--quiet', ...names(units)], [0, 1, 5]);
      await remove();
      await systemctl(['daemon-reload']);
      await systemctl(['reset-failed', ...names(units)], [0, 1, 5]);
    },
    states: async (units) => {
      if (units.length === 0) return [];
      const shown = await systemctl(['show', '--timestamp=unix', `--property=${PROPERTIES}`, ...names(units)]);
      return statesOf(units, shown);
    },
    log: (units, options) => journal(units, options, findTool('journalctl', scriptPath) ?? 'journalctl', manager),
  };
};

const names = (units: readonly Unit[]): string[] =>
  units.flatMap((unit) => instancesOf(unit).map((instance) => instanceUnit(unit, instance)));

const PROPERTIES = 'Id,ActiveState,MainPID,ExecMainStartTimestamp';

/** `systemctl show` prints the properties of each unit in a block. */
function statesOf(units: readonly Unit[], shown: string): InstanceState[] {
  const blocks = shown.split('\n\n').map((block) => new Map(block.split('\n').map(keyAndValue)));
  const byName = new Map(blocks.map((block) => [block.get('Id'), block]));
  return units.flatMap((unit) =>
    instancesOf(unit).map((instance): InstanceState => {
      const block = byName.get(instanceUnit(unit, instance));
      const state = STATES[block?.get('ActiveState') ?? ''] ?? 'down';
      if (state !== 'running') return { unit, instance, state };
      const since = Number(block?.get('ExecMainStartTimestamp')?.slice(1)) * 1000;
      return { unit, instance, state, pid: Number(block?.get('MainPID')), since: new Date(since).toISOString() };
    }),
  );
}

const keyAndValue = (line: string): [string, string] => {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
};

const STATES: Readonly<Record<string, InstanceState['state']>> = {
  active: 'running',
  reloading: 'running',
  activating: 'restarting',
};

async function* journal(
  units: readonly Unit[],
  { lines, follow, signal }: LogOptions,
  program: string,
  { flags }: UnitPlace,
): AsyncGenerator<LogLine> {
  const byName = new Map(
    units.flatMap((unit) =>
      instancesOf(unit).map((instance) => [instanceUnit(unit, instance), { daemon: unit.daemon, instance }] as const),
    ),
  );
  const chosen = [...byName.keys()].flatMap((name) => [flags.length > 0 ? '--user-unit' : '--unit', name]);
  const args = [...chosen, '--output=json', `--lines=${lines}`, '--quiet', ...(follow ? ['--follow'] : [])];
  const child = spawn(program, args, { env: { PATH: '/usr/bin:/bin' }, stdio: ['ignore', 'pipe', 'ignore'], signal });
  child.on('error', () => {}); // its output ends then
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const entry = JSON.parse(line) as Record<string, unknown>; // journalctl's own
      const of = byName.get(String(entry._SYSTEMD_UNIT ?? entry.UNIT ?? entry.USER_UNIT));
      if (of === undefined) continue;
      const time = new Date(Number(entry.__REALTIME_TIMESTAMP) / 1000).toISOString();
      yield { ...of, time, text: String(entry.MESSAGE) };
    }
  } finally {
    child.kill();
  }
}
