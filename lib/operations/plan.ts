import { checkVariableName } from '../app/addons-env-file.ts';
import { AddonsError } from '../errors.ts';
import { checkAddonName } from '../names.ts';
import { findApp } from '../state/apps.ts';
import { keptIds } from '../state/kept.ts';
import { enabledAddon } from './addons.ts';
import type { Context } from './context.ts';
import { driftIn } from './drift.ts';
import { type Difference, differenceOf, stepsFor } from './manifest/app-changes.ts';
import { type Enabling, enablingOf } from './manifest/enabling.ts';
import { type AppLook, allOf, lookAtApp } from './manifest/look.ts';
import { type UnderWay, underWay } from './manifest/under-way.ts';
import type { Change, Manifest, ManifestPlan, ManifestResource } from './results.ts';
import { refuseTakenName } from './taken-name.ts';

/**
 * What `apply` would do to make the named apps have what the manifest says. Reads only; what stands in the way of any of it is
 * found first and told at once.
 *
 * @throws {AddonsError} `malformed` where it is no manifest at all; else with every problem in `details.failures` where there are several
 */
export async function plan(context: Context, manifest: Manifest): Promise<ManifestPlan> {
  checkManifest(manifest);
  const open = underWay(context);
  const enabling = enablingOf(context, open);
  const isKept = keptBy(context);
  const problems: AddonsError[] = [];
  const changes: Change[] = [];
  const apps = Object.keys(manifest.apps).sort();
  for (const name of apps) {
    const wanted = new Map(Object.entries(manifest.apps[name] ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
    const found = await collected(problems, () =>
      planApp(context, name, wanted, manifest.additive ?? false, { open, enabling, isKept }),
    );
    problems.push(...(found?.problems ?? []));
    changes.push(...(found?.changes ?? []));
  }
  problems.push(...enabling.problems);
  if (problems.length > 0) throw allOf(problems, 'There is no plan');
  const enables = enabling.wanted.sort().map((addon) => ({ action: 'enable' as const, addon }));
  const resources = Object.values(manifest.apps).reduce((sum, one) => sum + Object.keys(one).length, 0);
  return { changes: [...enables, ...changes], apps: apps.length, resources };
}

/** What a program made without the parser may be anything. */
function checkManifest(manifest: Manifest): void {
  if (!isRecord(manifest)) throw noManifest('It', 'an object with apps');
  if (!isRecord(manifest.apps)) throw noManifest('apps', 'an object: app → add-on → { env: [] }');
  for (const [app, resources] of Object.entries(manifest.apps)) {
    if (!isRecord(resources)) throw noManifest(`apps.${app}`, 'an object: add-on → { env: [] }');
    for (const [addon, resource] of Object.entries(resources)) {
      if (!isRecord(resource) || !isTexts(resource.env)) throw noManifest(`apps.${app}.${addon}`, '{ env: [names] }');
    }
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isTexts = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === 'string');

const noManifest = (place: string, what: string) =>
  new AddonsError('malformed', `This is no manifest: ${place} must be ${what}.`, {
    hint: 'parseManifest makes one of the text of an addons.json.',
  });

interface Surroundings {
  open: UnderWay;
  enabling: Enabling;
  isKept: (addon: string, id: string) => boolean;
}

async function planApp(
  context: Context,
  name: string,
  wanted: ReadonlyMap<string, ManifestResource>,
  additive: boolean,
  { open, enabling, isKept }: Surroundings,
): Promise<{ problems: AddonsError[]; changes: Change[] }> {
  for (const [addon, { env }] of wanted) {
    checkAddonName(addon);
    for (const one of env) checkVariableName(one);
  }
  for (const addon of wanted.keys()) await enabling.want(addon);
  const { platform } = context.store;
  const look = lookAtApp(findApp(platform, name));
  const problems = [...look.problems, ...open.of(look.app), ...sameName(name, wanted, platform.configVar)];
  if (problems.length > 0) return { problems, changes: [] };
  const difference = differenceOf(look, wanted, additive);
  for (const { addon } of difference.remove) await collected(problems, () => enabledAddon(context, addon));
  const env = (await context.store.configVars.read(look.app)).values;
  await refuseTaken(context, look, env, difference, problems);
  const reasons = driftIn({ ...staying(look, difference), env }, platform.configVar).map(({ reason }) => reason);
  return { problems, changes: stepsFor(look, difference, isKept, platform.configVar, reasons) };
}

/** A release need not mend what goes. */
function staying({ addons, names }: AppLook, { remove, dropNames }: Difference): Pick<AppLook, 'addons' | 'names'> {
  const goes = (name: { addon: string; name: string }) =>
    dropNames.some((one) => one.addon === name.addon && one.name === name.name);
  return {
    addons: {
      ...addons,
      resources: addons.resources.filter((line) => !remove.some(({ addon }) => addon === line.addon)),
    },
    names: { ...names, names: names.names.filter((name) => !goes(name)) },
  };
}

/** One name cannot hold two URLs. */
function sameName(
  app: string,
  wanted: ReadonlyMap<string, ManifestResource>,
  configVar: (addon: string) => string,
): AddonsError[] {
  const owners = new Map([...wanted.keys()].map((addon) => [configVar(addon), addon]));
  return [...wanted].flatMap(([addon, { env }]) =>
    env.flatMap((name) => {
      const other = owners.get(name);
      owners.set(name, addon);
      if (other === undefined) return [];
      return new AddonsError('conflict', `${app}: ${name} cannot be a name for ${addon}: it is one of ${other}'s.`, {
        hint: 'Take it out of the manifest at one of the two.',
        details: { app, addon },
      });
    }),
  );
}

/** As the operations will refuse it; but a name that goes from one add-on of the app to another is free by then. */
async function refuseTaken(
  context: Context,
  { app, has }: AppLook,
  env: ReadonlyMap<string, string>,
  { add, addNames, dropNames, remove }: Difference,
  problems: AddonsError[],
): Promise<void> {
  const free = new Set([
    ...dropNames.map(({ name }) => name),
    ...remove.flatMap(({ addon }) => has.get(addon)?.env ?? []),
  ]);
  const fresh = [...add.flatMap(({ addon, env }) => env.map((name) => ({ addon, name }))), ...addNames];
  for (const { addon, name } of fresh.filter((one) => !free.has(one.name))) {
    const url = has.has(addon) ? env.get(context.store.platform.configVar(addon)) : undefined;
    await collected(problems, () => refuseTakenName(context, app, addon, name, url));
  }
}

function keptBy({ store }: Context): Surroundings['isKept'] {
  const known = new Map<string, Set<string>>();
  return (addon, id) => {
    const ids = known.get(addon) ?? keptIds(store, addon);
    known.set(addon, ids);
    return ids.has(id);
  };
}

/** What it throws is one more problem. */
async function collected<T>(problems: AddonsError[], work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AddonsError)) throw error;
    problems.push(error);
    return undefined;
  }
}
