import { chmodSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AddonsError, fromSystem, systemCode } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { temporaryPath } from '../state/atomic-file.ts';
import { type Owner, takeCareOf } from '../state/directory.ts';
import type { Store } from '../state/store.ts';
import { isInside } from '../state/tree.ts';
import type { ServiceFile, Supervisor } from './supervisor.ts';
import { unitMark } from './systemd-unit.ts';
import { recordOf, SETS, servicesOf, startOf, type Unit } from './unit.ts';

/** The units of an add-on that there are, of both sets, as they were written. Those that were copied from elsewhere are of there. */
export function readUnits(platform: Platform, addon: string): Unit[] {
  const own = servicesOf(platform, addon);
  return SETS.flatMap((set) =>
    namesIn(join(own, set)).flatMap((daemon) => {
      const text = read(join(own, set, daemon, 'unit.json'));
      if (text === undefined) return [];
      const unit = JSON.parse(text) as Unit; // written by `writeUnit` only, whole or not at all
      return unit.home === platform.services ? [unit] : [];
    }),
  );
}

/** Add-ons of which there are units, or what was left of some. */
export const servedAddons = ({ services }: Platform): string[] => namesIn(join(services, 'add-ons'));

/** All that a unit consists of. The record comes first: what is remembered can be removed. */
export const filesOf = (unit: Unit, start: string, supervisor: Supervisor): ServiceFile[] => [
  { path: recordOf(unit), text: `${JSON.stringify(unit)}\n`, mode: 0o600 },
  { path: startOf(unit), text: start, mode: 0o700 },
  ...supervisor.files(unit),
];

/** Those that are not there, or say something else. */
export const strayFiles = (files: readonly ServiceFile[]): ServiceFile[] =>
  files.filter(({ path, text, mode }) => read(path) !== text || (statSync(path).mode & 0o777) !== mode);

/** Each whole or not at all. @throws {AddonsError} `conflict` for a unit of systemd that somebody else wrote */
export async function writeUnit(
  { disk, platform, libOwner }: Store,
  unit: Unit,
  files: readonly ServiceFile[],
): Promise<void> {
  for (const { path } of files) if (!isInside(platform.services, path)) refuseForeign(unit, path);
  for (const { path, text, mode } of files) {
    const directory = dirname(path);
    const isOurs = isInside(platform.services, path);
    const owner = isOurs ? libOwner : undefined; // root must not lock the platform's own user out
    makeDirectories(directory, isOurs ? 0o700 : 0o755, owner);
    const building = temporaryPath(path);
    await disk.createFile(building, text, owner);
    chmodSync(building, mode);
    await disk.rename(building, path);
    await disk.sync(directory);
  }
}

function makeDirectories(directory: string, mode: number, owner: Owner): void {
  const first = mkdirSync(directory, { recursive: true, mode });
  if (first === undefined) return;
  for (let made = directory; made.length >= first.length; made = dirname(made)) takeCareOf(made, mode, owner);
}

/** The record goes last. */
export async function removeUnit({ disk, platform }: Store, unit: Unit, supervisor: Supervisor): Promise<void> {
  const outside = supervisor.files(unit).filter(({ path }) => !isInside(platform.services, path));
  for (const { path } of outside) if (isOf(unit, path)) await disk.unlink(path);
  for (const name of namesIn(unit.directory)) {
    if (name !== 'unit.json') await disk.removeTree(join(unit.directory, name));
  }
  await disk.removeTree(unit.directory);
  removeEmpty(dirname(unit.directory));
}

/** What is left of an add-on's units, and its logs. */
export async function removeServices({ disk, platform }: Store, addon: string): Promise<void> {
  await disk.removeTree(servicesOf(platform, addon));
}

function refuseForeign(unit: Unit, path: string): void {
  if (read(path) === undefined || isOf(unit, path)) return;
  throw new AddonsError(
    'conflict',
    `${path} is there already, and not of the daemon ${unit.daemon} of ${unit.addon}.`,
    {
      hint: 'Move it away, or install the add-on by another name.',
      details: { addon: unit.addon },
    },
  );
}

const isOf = (unit: Unit, path: string): boolean => read(path)?.split('\n', 1)[0] === unitMark(unit);

function removeEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Another unit of the set is in there.
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
    throw fromSystem(error, path);
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fromSystem(error, directory);
  }
}
