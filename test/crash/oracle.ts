import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readEnv } from '../../lib/app/env-file.ts';
import type { FindingKind } from '../../lib/operations/results.ts';
import { allApps } from '../../lib/state/apps.ts';
import type { Operation } from '../../lib/state/journal.ts';
import { type Allocated, type Facts, readFacts } from './facts.ts';
import { namesIn, type World } from './world.ts';

/**
 * Every way in which the promise is broken, in words; none: it is kept.
 *
 * A resource is in exactly one line or trash record, or an open entry knows of it; what they name exists, or is being removed.
 *
 * @param free ids that are nobody's by the test's own word: forgotten, or never handed out
 */
export function brokenPromises(world: World, addons?: string[], free: readonly string[] = []): string[] {
  const facts = readFacts(world, addons);
  const broken = [...facts.ledger].flatMap(([id, resource]) => brokenResource(facts, id, resource, free));
  for (const { app, addon, id } of facts.lines) {
    if (!facts.ledger.has(id) && !isOpen(facts, addon, id)) broken.push(`the line of ${app} for ${id} has no resource`);
  }
  for (const { addon, id, operation } of facts.trash) {
    if (!facts.ledger.has(id) && !isOpen(facts, addon, id)) broken.push(`the trash holds ${id}, which is gone`);
    const mode = statSync(join(world.platform.platform.trash, operation)).mode & 0o777;
    if (mode !== 0o600) broken.push(`the trash record of ${id} has mode ${mode.toString(8)}`);
  }
  for (const { addon, id } of facts.kept) {
    if (facts.unprovisioned.some((one) => one.addon === addon && one.id === id))
      broken.push(`${id} of ${addon} is marked as kept and was unprovisioned`);
  }
  return [...broken, ...idleNames(facts), ...lyingMarkers(world, facts.entries), ...badFiles(world, facts)];
}

function brokenResource(
  facts: Facts,
  id: string,
  { addon, operation, secret, data }: Allocated,
  free: readonly string[],
): string[] {
  const is = (one: { addon: string; id: string }) => one.addon === addon && one.id === id;
  const lines = facts.lines.filter(is);
  const records = facts.trash.filter(is);
  const open = facts.entries.filter((entry) => isAbout(entry, addon, id, operation));
  const broken: string[] = [];
  const mayHaveTwo = open.some(({ kind }) => ['move', 'remove', 'undo'].includes(kind));
  if (lines.length + records.length > 1 && !mayHaveTwo)
    broken.push(`${id} is in ${lines.length} lines and ${records.length} trash records`);
  const known = lines.length + records.length + open.length > 0 || facts.kept.some(is) || free.includes(id);
  if (!known) broken.push(`${id} of ${addon} is lost`);
  const secrets = [...lines, ...records].map((one) => one.private);
  if (!open.some(({ kind }) => kind === 'rotate') && secrets.some((one) => one !== secret))
    broken.push(`whoever holds ${id} has another secret`);
  if (data !== undefined && !data.endsWith('whole\n') && lines.length + records.length > 0)
    broken.push(`whoever holds ${id} has half of its data`);
  return broken;
}

const isAbout = (entry: Operation, addon: string, id: string, operation?: string) =>
  entry.addon === addon && (entry.id === operation || entry.resource === id);

const isOpen = ({ entries }: Facts, addon: string, id: string) => entries.some((entry) => isAbout(entry, addon, id));

/** Once nothing is under way for the pair, a name belongs to a line. */
const idleNames = ({ names, lines, entries }: Facts): string[] =>
  names
    .filter(
      ({ app, addon }) =>
        !entries.some((entry) => entry.addon === addon && [entry.app?.name, entry.to?.name].includes(app)) &&
        !lines.some((line) => line.app === app && line.addon === addon),
    )
    .map(({ app, addon, name }) => `${app} has the name ${name} for ${addon}, but no line`);

/** All of it at once, to compare with `KEPT` or with what else is right. */
export async function verdict(world: World, free: readonly string[] = []): Promise<typeof KEPT> {
  return {
    broken: brokenPromises(world, undefined, free),
    leftovers: leftovers(world),
    found: await findings(world, free),
  };
}

export const KEPT: { broken: string[]; leftovers: string[]; found: FindingKind[] } = {
  broken: [],
  leftovers: [],
  found: [],
};

/** What `check` finds. `drift` apart: a resource that was added is not in ENV before the next release. */
export async function findings(world: World, free: readonly string[] = []): Promise<FindingKind[]> {
  const { findings: all } = await world.platform.check();
  const isExplained = ({ kind, id = '' }: (typeof all)[number]) =>
    kind === 'drift' || (kind === 'orphan' && free.includes(id));
  return all.filter((finding) => !isExplained(finding)).map(({ kind }) => kind);
}

/** What a dead process was writing and a later one should have cleared away. */
export function leftovers({ platform: { platform } }: World): string[] {
  const apps = allApps(platform).map(({ dir }) => dir);
  const data = namesIn(join(platform.appsRoot, '.add-ons')).map((addon) => platform.addonData(addon));
  const { journal, stamps, trash, addonsRoot } = platform;
  return [...apps, ...data, journal, stamps, trash, addonsRoot].flatMap((directory) =>
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

function badFiles({ platform: { platform } }: World, facts: Facts): string[] {
  return allApps(platform).flatMap(({ name: app, dir }) =>
    ['ADDONS', 'ENV', 'ADDONS.env'].flatMap((name) => {
      const path = join(dir, name);
      if (!existsSync(path)) return [];
      const broken = (statSync(path).mode & 0o777) === 0o600 ? [] : [`${path} is not 0600`];
      const bytes = readFileSync(path);
      if (name !== 'ENV' || bytes.length === 0) return broken;
      const variables = readEnv(bytes);
      if (!(bytes.toString().endsWith('\n') && variables.size > 0)) broken.push(`${path} is not whole`);
      if (facts.entries.length > 0) return broken;
      return [...broken, ...idleVariables(facts, app, variables, (addon) => platform.configVar(addon))];
    }),
  );
}

/** Once nothing is under way, the URL of a resource is in ENV only where a line and its names say so. */
function idleVariables(
  { lines, names }: Facts,
  app: string,
  variables: ReadonlyMap<string, string>,
  configVar: (addon: string) => string,
): string[] {
  const own = new Set([
    ...lines.filter((line) => line.app === app).map(({ addon }) => configVar(addon)),
    ...names.filter((one) => one.app === app).map(({ name }) => name),
  ]);
  return [...variables]
    .filter(([name, value]) => value.startsWith('ledger://') && !own.has(name))
    .map(([name]) => `${app} has ${name} without a line`);
}
