import type { Change, ManifestResource } from '../results.ts';
import type { AppLook } from './look.ts';

/** What differs between an app and its part of a manifest, by kind. Resources of one add-on are the same, whatever their id. */
export interface Difference {
  add: { addon: string; env: string[] }[];
  remove: { addon: string; id: string }[];
  addNames: { addon: string; name: string }[];
  dropNames: { addon: string; name: string }[];
}

/** @param additive what the app has beyond it stays */
export function differenceOf(
  { has }: AppLook,
  wanted: ReadonlyMap<string, ManifestResource>,
  additive: boolean,
): Difference {
  const missing = [...wanted].filter(([addon]) => !has.has(addon));
  const extra = additive ? [] : [...has].filter(([addon]) => !wanted.has(addon));
  const both = [...wanted].flatMap(([addon, { env }]) => {
    const now = has.get(addon);
    return now ? [{ addon, wants: env, has: now.env }] : [];
  });
  return {
    add: missing.map(([addon, { env }]) => ({ addon, env })),
    remove: extra.map(([addon, { id }]) => ({ addon, id })),
    addNames: both.flatMap(({ addon, wants, has: now }) => pairs(addon, without(wants, now))),
    dropNames: additive ? [] : both.flatMap(({ addon, wants, has: now }) => pairs(addon, without(now, wants))),
  };
}

/**
 * The steps in an order that takes nothing away before what comes instead is there: a name that goes from one add-on to another
 * is dropped only when the other has its resource, and data is destroyed last. Only the release comes later: the `url` script of
 * what goes may be what does not work any more.
 *
 * @param releases why ENV must be written again, beside what the steps change
 */
export function stepsFor(
  { app, has }: AppLook,
  { add, remove, addNames, dropNames }: Difference,
  isKept: (addon: string, id: string) => boolean,
  configVar: (addon: string) => string,
  releases: readonly string[],
): Change[] {
  const leaving = remove.flatMap(({ addon }) => pairs(addon, has.get(addon)?.env ?? []));
  const wanted = new Set([...add.flatMap(({ env }) => env), ...addNames.map(({ name }) => name)]);
  const moving = leaving.filter(({ name }) => wanted.has(name));
  const taken = new Set([...dropNames, ...moving].map(({ name }) => name));
  const late = add.flatMap(({ addon, env }) =>
    pairs(
      addon,
      env.filter((name) => taken.has(name)),
    ),
  );
  const named = { app: app.name };
  const steps: Change[] = [
    ...add.map(({ addon, env }) => ({ action: 'add' as const, ...named, addon, env: without(env, [...taken]) })),
    ...[...dropNames, ...moving].map((one) => ({ action: 'drop-name' as const, ...named, ...one })),
    ...[...late, ...addNames].map((one) => ({ action: 'add-name' as const, ...named, ...one })),
    ...remove.map((one) => ({ action: 'remove' as const, ...named, ...one, kept: isKept(one.addon, one.id) })),
  ];
  const fresh = [...add.flatMap(({ addon, env }) => [configVar(addon), ...env]), ...addNames.map(({ name }) => name)];
  const reasons = [...(fresh.length > 0 ? [notYet(fresh)] : []), ...new Set(releases)];
  return reasons.length > 0 ? [...steps, { action: 'release', ...named, reason: reasons.join('; ') }] : steps;
}

const notYet = (names: readonly string[]) => `${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} not in ENV yet`;

const without = (names: readonly string[], others: readonly string[]) => names.filter((name) => !others.includes(name));

const pairs = (addon: string, names: readonly string[]) => names.map((name) => ({ addon, name }));
