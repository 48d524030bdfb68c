import { AddonsError } from '../../errors.ts';
import { writeNames } from '../../state/app-changes.ts';
import { extraNames, readAddons, readNames } from '../../state/app-files.ts';
import type { App } from '../../state/apps.ts';
import type { Store } from '../../state/store.ts';
import type { Context } from '../context.ts';

/** The names last: they tell which variables go. Call it under the app's lock, once the line is gone. */
export async function dropVariables(context: Context, app: App, addon: string): Promise<void> {
  const { store } = context;
  const names = namesIfReadable(context, app, addon);
  const drop = await ownVariables(store, app, addon, names ?? []);
  await store.configVars.change(app, new Map(drop.map((name) => [name, undefined])));
  if (names) await writeNames(store, app, addon, []);
}

/**
 * Whether ENV and ADDONS.env can be changed as `dropVariables` will: once a script has destroyed the resource it is too late to
 * find out. Call it under the app's lock.
 *
 * @throws {AddonsError} `malformed`
 */
export async function refuseUndroppable(store: Store, app: App, addon: string): Promise<void> {
  const drop = await ownVariables(store, app, addon, extraNames(app, addon));
  await store.configVars.check(app, new Map(drop.map((name) => [name, undefined])));
}

/** Which variables go with the resource. An extra name whose value is another than the standard variable's was set by others. */
export async function ownVariables(store: Store, app: App, addon: string, names: readonly string[]): Promise<string[]> {
  const standard = store.platform.configVar(addon);
  const env = (await store.configVars.read(app)).values;
  const ours = names.filter((name) => env.get(name) === env.get(standard));
  return [standard, ...ours].filter((name) => isOnlyOurs(store, app, addon, name));
}

/** Edited by hand, a name may be there for another line as well; then the variable stays with that. */
export function isOnlyOurs({ platform }: Store, app: App, addon: string, name: string): boolean {
  const others = new Set(readAddons(app).parsed.resources.map((line) => line.addon));
  others.delete(addon);
  if ([...others].some((one) => platform.configVar(one) === name)) return false;
  if (name === platform.configVar(addon)) return true; // an extra name never takes a standard variable away
  return !readNames(app).parsed.names.some((one) => one.name === name && others.has(one.addon));
}

/** Undefined, with a warning: whoever has come this far does not stop over a file that was broken meanwhile. */
export function namesIfReadable(context: Context, app: App, addon: string): string[] | undefined {
  try {
    return extraNames(app, addon);
  } catch (error) {
    if (!(error instanceof AddonsError) || error.code !== 'malformed') throw error;
    const message = `The extra variable names of ${addon} are left as they are: ${error.message}`;
    context.tell({ type: 'warning', message });
    return undefined;
  }
}
