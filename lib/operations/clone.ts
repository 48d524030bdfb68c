import { rmdirSync, statSync } from 'node:fs';
import type { Resource } from '../app/addons-file.ts';
import { AddonsError, fromSystem, systemCode } from '../errors.ts';
import { checkAppName } from '../names.ts';
import { hasScript } from '../scripts/locate.ts';
import { extraNames, lineOf, readAddons } from '../state/app-files.ts';
import { type App, appExists, findApp } from '../state/apps.ts';
import { createDirectory, isRoot } from '../state/directory.ts';
import { addResource } from './add.ts';
import { enabledAddon } from './addons.ts';
import { nameOf, prepare } from './begin.ts';
import { type Context, uninterrupted } from './context.ts';
import { lockApp } from './locks.ts';
import type { AddResult, CloneResult } from './results.ts';
import { refuseShared } from './shared.ts';

/**
 * Gives another app resources of its own for all that this one has, each add its own operation. With data, a resource gets its line
 * only once the data is in: killed half-way, what is missing is added by the same command again.
 */
export async function clone(context: Context, appName: string, to: string, withData = false): Promise<CloneResult> {
  const { platform } = context.store;
  const app = findApp(platform, appName);
  if (checkAppName(to) === appName)
    throw new AddonsError('usage', `${to} cannot be a clone of itself.`, { hint: 'Name another app.' });
  const { parsed } = readAddons(app);
  const [doubled] = parsed.duplicates;
  if (doubled)
    throw new AddonsError('conflict', `${appName} has several lines for ${doubled.addon}.`, {
      hint: 'See: addons check',
    });
  for (const line of parsed.resources) {
    refuseUnfit(context, line.addon, withData);
    if (withData) refuseShared(context, app, line, 'its data was not copied');
  }
  const making = !appExists(platform, to);
  if (making && !context.dryRun) makeApp(app, platform.appDir(to));
  const copied = making ? [] : await dropCopied(context, app, findApp(platform, to), parsed.resources);
  const added: AddResult[] = [];
  try {
    for (const { addon, id } of parsed.resources) {
      const copyOf = { ...nameOf(app), resource: id };
      const wanted = { env: extraNames(app, addon), ...(withData && { copyOf }) };
      const isNew = making || wanted.env.some((name) => copied.includes(name));
      if (isNew && context.dryRun) added.push(planned(context, to, addon, wanted.env));
      else added.push(await addResource(context, to, addon, wanted));
    }
  } catch (error) {
    if (making && !context.dryRun) dropEmptyApp(platform.appDir(to));
    throw error;
  }
  const steps = [
    ...(making ? [`create ${platform.appDir(to)}`] : []),
    ...copied.map((name) => `drop ${name}, which leads to what ${appName} has, from ${to}`),
    ...added.flatMap((one) => one.steps),
  ];
  const changed = added.some(({ outcome }) => outcome !== 'unchanged') || making || copied.length > 0;
  const outcome = context.dryRun ? 'planned' : changed ? 'done' : 'unchanged';
  const present = added.filter((one) => one.outcome === 'unchanged');
  for (const { addon } of withData ? present : [])
    context.tell({ type: 'warning', message: `${to} has ${addon} already: its data was not copied.` });
  if (outcome !== 'planned') await context.triggers.tell('app-clone', [appName, to], { outcome });
  return {
    app: appName,
    to,
    outcome,
    added,
    data: withData && present.length === 0,
    steps: context.dryRun ? steps : [],
  };
}

/**
 * A platform that clones an app may have copied its config: what leads to the one app's resources goes before the other has any
 * of its own, whatever comes of them.
 *
 * @returns the names that went, or would
 */
async function dropCopied(context: Context, from: App, to: App, lines: readonly Resource[]): Promise<string[]> {
  const { platform, configVars } = context.store;
  if (context.dryRun) return copiedNames();
  await prepare(context);
  return lockApp(uninterrupted(context), to, async () => {
    const names = await copiedNames();
    if (names.length > 0) await configVars.change(to, new Map(names.map((name) => [name, undefined])));
    return names;
  });

  async function copiedNames() {
    const [{ values: theirs }, { values }] = [await configVars.read(from), await configVars.read(to)];
    return lines
      .filter(({ addon }) => lineOf(to, addon) === undefined)
      .flatMap(({ addon }) => [platform.configVar(addon), ...extraNames(from, addon)])
      .filter((name) => values.has(name) && values.get(name) === theirs.get(name));
  }
}

/** Before anything is made. */
function refuseUnfit(context: Context, name: string, withData: boolean) {
  const addon = enabledAddon(context, name);
  if (!withData) return;
  const missing = (['dump', 'restore'] as const).find((script) => !hasScript(addon.root, script));
  if (missing === undefined) return;
  throw new AddonsError(
    'script-not-found',
    `The add-on ${name} has no ${missing} script, so its data cannot be copied.`,
    {
      hint: 'Leave out --with-data to give the new app an empty one.',
      details: { addon: name, script: missing },
    },
  );
}

/** As the directory of the app it is a clone of. */
function makeApp({ dir, owner }: App, path: string) {
  try {
    createDirectory(path, statSync(dir).mode & 0o777, isRoot() ? owner : undefined);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw fromSystem(error, path);
  }
}

/** A clone that failed before it had anything leaves no app behind; what is not empty stays. */
function dropEmptyApp(path: string) {
  try {
    rmdirSync(path);
  } catch {
    // the first error says more
  }
}

function planned({ store }: Context, app: string, addon: string, env: string[]): AddResult {
  const configVar = store.platform.configVar(addon);
  return { app, addon, outcome: 'planned', configVar, env, steps: [`add ${addon} to ${app}`] };
}
