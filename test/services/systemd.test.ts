import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Daemon } from '../../lib/addon/daemons.ts';
import { describePlatform } from '../../lib/platform.ts';
import { systemd } from '../../lib/services/systemd.ts';
import { systemdUnit, templateOf } from '../../lib/services/systemd-unit.ts';
import { type SetName, type Unit, unitsOf } from '../../lib/services/unit.ts';

// No systemd runs here: the units are compared with files that were read by people, and given to systemd's own examiner; what
// is told to systemctl is recorded.

const GOLDEN = join(import.meta.dirname, 'units');

const PLAIN: Daemon = {
  command: ['serve'],
  instances: 1,
  stopSignal: 'TERM',
  stopTimeout: 30,
  maxAge: 0,
  limits: {},
  logSize: 1_000_000,
  logFiles: 5,
};

function unit(spec: Partial<Daemon>, home?: string, set: SetName = 'a'): Unit {
  const platform = describePlatform({ home });
  const [one] = unitsOf(
    platform,
    { name: 'cache', root: '/srv/cache', descriptor: { daemons: { server: { ...PLAIN, ...spec } } } },
    set,
  );
  if (one === undefined) throw new Error('no unit');
  return one;
}

const LIMITS = { memory: 1_073_741_824, files: 1024, processes: 64, cpu: 60, file_size: 4096 };

const UNITS: [name: string, Unit][] = [
  ['plain', unit({})],
  ['limited', unit({ instances: 3, stopTimeout: 5, maxAge: 3600, limits: LIMITS })],
  ['odd-place', unit({}, '/srv/a "b" $c 100%')],
  ['second-set', unit({}, undefined, 'b')],
  ['of-a-directory', { ...unit({ stopSignal: 'INT' }), each: 'shop_1' }],
];

it.each(UNITS)('the unit %s is as people read it, and as systemd takes it', (name, one) => {
  const text = systemdUnit(one, 'multi-user.target');
  const golden = join(GOLDEN, `${name}.service`);
  if (process.env.UPDATE_GOLDEN) writeFileSync(golden, text);
  expect(text).toBe(readFileSync(golden, 'utf8'));
  const directory = temporary();
  const path = join(directory, templateOf(one));
  writeFileSync(path, text);
  // It exits 0 also for keys that it does not know: those it names on stderr.
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

it('has a golden file for each, and none besides', () => {
  expect(readdirSync(GOLDEN).sort()).toEqual(UNITS.map(([name]) => `${name}.service`).sort());
});

it('names the set in force as people expect, and no two alike', () => {
  expect(templateOf(unit({}))).toBe('x-addon-cache-server@.service');
  expect(templateOf(unit({}, undefined, 'b'))).toBe('x-addon2-cache-server@.service');
});

it('tells systemctl what to do, and reads what it says', async () => {
  const directory = temporary();
  const called = join(directory, 'called');
  const shown = [1, 2].map(
    (one) =>
      `Id=x-addon-cache-server@${one}.service\nActiveState=${one === 1 ? 'active' : 'activating'}\nMainPID=${one === 1 ? 4711 : 0}\nExecMainStartTimestamp=@1795831200`,
  );
  writeFileSync(join(directory, 'shown'), `${shown.join('\n\n')}\n`);
  writeFileSync(
    join(directory, 'systemctl'),
    `#!/bin/sh\necho "$*" >>'${called}'\n[ "$1" != show ] || cat '${directory}/shown'\n`,
  );
  chmodSync(join(directory, 'systemctl'), 0o755);
  const place = { units: join(directory, 'units'), wantedBy: 'multi-user.target', flags: [] };
  const supervisor = systemd(`${directory}:/usr/bin:/bin`, place);
  const one = unit({ instances: 2 });
  expect(supervisor.files(one).map(({ path, mode }) => [path, mode])).toEqual([
    [join(place.units, 'x-addon-cache-server@.service'), 0o644],
  ]);
  await supervisor.begin([one]);
  expect(await supervisor.states([one])).toEqual([
    { unit: one, instance: 1, state: 'running', pid: 4711, since: '2026-11-28T02:00:00.000Z' },
    { unit: one, instance: 2, state: 'restarting' },
  ]);
  await supervisor.end([one], async () => writeFileSync(called, 'removed\n', { flag: 'a' }));
  const both = 'x-addon-cache-server@1.service x-addon-cache-server@2.service';
  expect(readFileSync(called, 'utf8').split('\n')).toEqual([
    'daemon-reload',
    `enable --now --quiet ${both}`,
    `show --timestamp=unix --property=Id,ActiveState,MainPID,ExecMainStartTimestamp ${both}`,
    `disable --now --quiet ${both}`,
    'removed',
    'daemon-reload',
    `reset-failed ${both}`,
    '',
  ]);
});

it('says what systemctl said when it fails', async () => {
  const directory = temporary();
  writeFileSync(join(directory, 'systemctl'), '#!/bin/sh\necho "Access denied" >&2; exit 4\n');
  chmodSync(join(directory, 'systemctl'), 0o755);
  const supervisor = systemd(directory, { units: directory, wantedBy: 'default.target', flags: ['--user'] });
  await expect(supervisor.begin([unit({})])).rejects.toMatchObject({
    code: 'io',
    message: 'systemctl failed: Access denied.',
  });
});

it('reads the journal as its lines come', async () => {
  const directory = temporary();
  const line = {
    _SYSTEMD_UNIT: 'x-addon-cache-server@1.service',
    __REALTIME_TIMESTAMP: '1795831200000000',
    MESSAGE: 'ready',
  };
  writeFileSync(
    join(directory, 'journalctl'),
    `#!/bin/sh\necho "$*" >'${directory}/called'\necho '${JSON.stringify(line)}'\n`,
  );
  chmodSync(join(directory, 'journalctl'), 0o755);
  const supervisor = systemd(`${directory}:/bin`, { units: directory, wantedBy: '', flags: [] });
  const lines = [];
  for await (const one of supervisor.log([unit({})], { lines: 5, follow: false, signal: undefined })) lines.push(one);
  expect(lines).toEqual([{ daemon: 'server', instance: 1, time: '2026-11-28T02:00:00.000Z', text: 'ready' }]);
  expect(readFileSync(join(directory, 'called'), 'utf8')).toBe(
    '--unit x-addon-cache-server@1.service --output=json --lines=5 --quiet\n',
  );
});

it('needs a systemd that knows every key', () => {
  expect(execFileSync('systemd-analyze', ['--version'], { encoding: 'utf8' })).toMatch(/^systemd 2(5\d|[6-9]\d)/);
});

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'systemd-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}
