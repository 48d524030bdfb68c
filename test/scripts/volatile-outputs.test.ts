import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { pidNamespace } from '../../lib/scripts/outputs.ts';
import { openVolatileOutputs } from '../../lib/scripts/volatile-outputs.ts';
import { reallyEnded } from './fixtures/place.ts';

const MEMORY = '/dev/shm';

test('lie in memory, in a directory of their own that others cannot read, and are gone afterwards', () => {
  const umask = process.umask(0);
  const outputs = openVolatileOutputs('/nowhere');
  process.umask(umask);
  expect(dirname(outputs.directory)).toBe(MEMORY);
  expect(statSync(outputs.directory).mode & 0o777).toBe(0o700);
  writeFileSync(join(outputs.directory, 'file'), 'url');
  outputs.remove();
  expect(readdirSync(MEMORY)).not.toContain(outputs.directory.slice(MEMORY.length + 1));
});

test('lie in the fallback where there is no memory file system', () => {
  const disk = mkdtempSync(join(import.meta.dirname, 'no-memory-')); // the directory for temporary files may be in memory
  onTestFinished(() => rmSync(disk, { recursive: true }));
  for (const memory of [disk, join(disk, 'missing')]) {
    expect(openVolatileOutputs('/var/fallback', memory).directory).toBe('/var/fallback');
  }
  expect(readdirSync(disk)).toEqual([]);
});

test('of a killed process are removed by the next, those of a living one stay', () => {
  const dead = join(MEMORY, `addons-outputs.${reallyEnded()}-${pidNamespace()}.0123456789ab`);
  const alive = join(MEMORY, `addons-outputs.${process.ppid}-${pidNamespace()}.0123456789ab`);
  for (const path of [dead, alive]) {
    mkdirSync(path);
    writeFileSync(join(path, 'file'), 'url');
  }
  onTestFinished(() => rmSync(alive, { recursive: true }));
  openVolatileOutputs('/nowhere').remove();
  expect(statSync(dead, { throwIfNoEntry: false })).toBeUndefined();
  expect(statSync(join(alive, 'file')).size).toBe(3);
});
