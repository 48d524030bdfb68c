import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { describePlatform } from '../../lib/platform.ts';
import { startScript } from '../../lib/services/start-script.ts';
import { systemd } from '../../lib/services/systemd.ts';
import { unitsOf } from '../../lib/services/unit.ts';
import { filesOf, readUnits, removeUnit, strayFiles, writeUnit } from '../../lib/services/unit-files.ts';
import { nodeDisk } from '../../lib/state/disk.ts';
import { openStore } from '../../lib/state/store.ts';

const SPEC = {
  command: ['serve'],
  instances: 1,
  stopSignal: 'TERM' as const,
  stopTimeout: 30,
  maxAge: 0,
  limits: {},
  logSize: 4096,
  logFiles: 1,
};

function prepared() {
  const home = mkdtempSync(join(tmpdir(), 'units-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const platform = describePlatform({ home });
  const store = openStore(platform, nodeDisk);
  const units = join(home, 'systemd');
  const supervisor = systemd('/bin', { units, wantedBy: 'default.target', flags: [] });
  const [unit] = unitsOf(platform, { name: 'cache', root: '/srv', descriptor: { daemons: { server: SPEC } } }, 'a');
  if (unit === undefined) throw new Error('no unit');
  const files = filesOf(unit, startScript(unit, { SECRET: "it's open-sesame" }), supervisor);
  return { platform, store, supervisor, unit, units, files, template: join(units, 'x-addon-cache-server@.service') };
}

it('writes a unit, finds it again, and removes all of it', async () => {
  const { platform, store, supervisor, unit, files, template } = prepared();
  expect(strayFiles(files)).toEqual(files);
  await writeUnit(store, unit, files);
  expect(strayFiles(files)).toEqual([]);
  expect(readUnits(platform, 'cache')).toEqual([unit]);
  await removeUnit(store, unit, supervisor);
  expect([template, unit.directory].filter((path) => existsSync(path))).toEqual([]);
  expect(readUnits(platform, 'cache')).toEqual([]);
});

it('keeps secrets where nobody else reads them', async () => {
  const { store, unit, files, template } = prepared();
  await writeUnit(store, unit, files);
  expect(readFileSync(template, 'utf8')).not.toContain('open-sesame');
  const holding = files.filter(({ path }) => readFileSync(path, 'utf8').includes('open-sesame'));
  expect(holding.map(({ path }) => statSync(path).mode & 0o777)).toEqual([0o700]);
});

it('overwrites and removes no unit of systemd that somebody else wrote', async () => {
  const { store, supervisor, unit, units, files, template } = prepared();
  mkdirSync(units);
  writeFileSync(template, '[Service]\nExecStart=/bin/true\n');
  await expect(writeUnit(store, unit, files)).rejects.toMatchObject({ code: 'conflict' });
  await removeUnit(store, unit, supervisor);
  expect(readFileSync(template, 'utf8')).toContain('/bin/true');
});
