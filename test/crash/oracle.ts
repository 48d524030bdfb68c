import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseAddonsFile } from '../../lib/app/addons-file.ts';
import { readEnv } from '../../lib/app/env-file.ts';
import type { FindingKind } from '../../lib/operations/results.ts';
import { allApps } from '../../lib/state/apps.ts';
import { nodeDisk } from '../../lib/state/disk.ts';
import { type Operation, readJournal } from '../../lib/state/journal.ts';
import { openStore } from '../../lib/state/store.ts';
import { namesIn, type World } from './world.ts';

/** What is on disk, told from both sides: the add-ons' own ledgers, and ADDONS with the journal. */
export interface Facts {
  /** id → the operation that made it, for all add-ons. */
  ledger: Map<string, { addon: string; operation: string; secret: string }>;
  lines: { app: string; addon: string; id: string; private: string }[];
  entries: Operation[];
}

export function readFacts({ platform: { platform } }: World, addons = ['db', 'plain']): Facts {
  const ledger: Facts['ledger'] = new Map();
  for (const addon of addons) {
    const directory = join(platform.addonData(addon), 'ledger');
    for (const id of namesIn(directory)) {
      const [operation = '', secret = ''] = readFileSync(join(directory, id), 'utf8').trim().split(' ');
      ledger.set(id, { addon, operation, secret });
    }
  }
  const lines = allApps(platform).flatMap(({ name, dir }) => {
    const path = join(dir, 'ADDONS');
    if (!existsSync(path)) return [];
    const bytes = readFileSync(path);
    const { resources, malformed, duplicates } = parseAddonsFile(bytes);
    if (malformed.length > 0 || duplicates.length > 0 || (bytes.length > 0 && !bytes.toString().endsWith('\n')))
      throw new Error(`${path} is not whole:\n${bytes}`);
    return resources.map((resource) => ({ app: name, ...resource }));
  });
  return { ledger, lines, entries: readJournal(openStore(platform, nodeDisk)).map(({ operation }) => operation) };
}

/**
 * Every way in which the promise is broken, in words; none: it is kept.
 *
 * A resource is in exactly one line, or an open entry knows of it; a line's resource exists, or is being removed.
 */
export function brokenPromises(world: World, addons?: string[]): string[] {
  const { ledger, lines, entries } = readFacts(world, addons);
  const { platform } = world.platform;
  const open = (addon: string, id: string, operation: string) =>
    entries.some((entry) => entry.addon === addon && (entry.id === operation || entry.resource === id));
  const broken: string[] = [];
  for (const [id, { addon, operation, secret }] of ledger) {
    const holders = lines.filter((line) => line.addon === addon && line.id === id);
    if (holders.length > 1) broken.push(`${id} is in ${holders.length} lines`);
    if (holders.length === 0 && !open(addon, id, operation)) broken.push(`${id} of ${addon} is lost`);
    if (holders.some((line) => line.private !== secret)) broken.push(`the line of ${id} has another secret`);
  }
  for (const { app, addon, id } of lines) {
    if (!ledger.has(id) && !open(addon, id, '')) broken.push(`the line of ${app} for ${id} has no resource`);
  }
  return [...broken, ...lyingMarkers(world, entries), ...badFiles(allApps(platform))];
}

/** All of it at once, to compare with `KEPT` or with what else is right. */
export async function verdict(world: World): Promise<typeof KEPT> {
  return { broken: brokenPromises(world), leftovers: leftovers(world), found: await findings(world) };
}

export const KEPT: { broken: string[]; leftovers: string[]; found: FindingKind[] } = {
  broken: [],
  leftovers: [],
  found: [],
};

/** What `check` finds. `drift` apart: a resource that was added is not in ENV before the next release. */
export async function findings(world: World): Promise<FindingKind[]> {
  const { findings: all } = await world.platform.check();
  return all.map(({ kind }) => kind).filter((kind) => kind !== 'drift');
}

/** What a dead process was writing and a later one should have cleared away. */
export function leftovers({ platform: { platform } }: World): string[] {
  const apps = allApps(platform).map(({ dir }) => dir);
  const data = namesIn(join(platform.appsRoot, '.add-ons')).map((addon) => platform.addonData(addon));
  return [...apps, ...data, platform.journal, platform.stamps, platform.addonsRoot].flatMap((directory) =>
    namesIn(directory)
      .filter((name) => /^tmp\.|\.tmp$/.test(name))
      .map((name) => `${join(directory, name)} is left over`),
  );
}

/** The fixture's `enable` writes `up` and its `disable` removes it. */
function lyingMarkers({ platform: { platform } }: World, entries: Operation[]): string[] {
  return namesIn(join(platform.appsRoot, '.add-ons')).flatMap((addon) => {
    if (entries.some((entry) => entry.addon === addon && !entry.app)) return [];
    const marked = existsSync(platform.marker(addon));
    const up = existsSync(join(platform.addonData(addon), 'up'));
    return marked === up ? [] : [`${addon} is ${up ? 'up' : 'down'}, its marker says ${marked ? 'enabled' : 'not'}`];
  });
}

function badFiles(apps: { dir: string }[]): string[] {
  return apps.flatMap(({ dir }) =>
    ['ADDONS', 'ENV'].flatMap((name) => {
      const path = join(dir, name);
      if (!existsSync(path)) return [];
      const broken = (statSync(path).mode & 0o777) === 0o600 ? [] : [`${path} is not 0600`];
      const bytes = readFileSync(path);
      if (name === 'ENV' && bytes.length > 0 && !(bytes.toString().endsWith('\n') && readEnv(bytes).size > 0))
        broken.push(`${path} is not whole`);
      return broken;
    }),
  );
}
