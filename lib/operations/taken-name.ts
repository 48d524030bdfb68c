import { checkVariableName } from '../app/addons-env-file.ts';
import { AddonsError } from '../errors.ts';
import { readAddons, readNames } from '../state/app-files.ts';
import type { App } from '../state/apps.ts';
import { readJournal } from '../state/journal.ts';
import { installedNames } from './addons.ts';
import type { Context } from './context.ts';

/**
 * Refuses a name that something else of the app has: ENV (unless with the value that is given), another add-on, an operation under
 * way, or that is the standard variable of an add-on. Call it under the app's lock.
 *
 * @throws {AddonsError} `usage`, `conflict`
 */
export async function refuseTakenName(
  context: Context,
  app: App,
  addon: string,
  name: string,
  value?: string,
): Promise<void> {
  checkVariableName(name);
  refuseSteering(name);
  refuseStandardName(context, app, addon, name);
  refuseNameOfAnother(app, addon, name);
  refuseNameUnderWay(context, app, addon, name);
  if (!isOwn(app, addon, name) && (await isSetOtherwise(context, app, name, value)))
    throw setOtherwise(app, addon, name);
}

/**
 * Those of the names that nothing else of the app has. For who cannot refuse any more: a warning tells what is left out. Call it
 * under the app's lock.
 */
export async function freeNames(
  context: Context,
  app: App,
  addon: string,
  names: readonly string[],
  value?: string,
): Promise<string[]> {
  const free: string[] = [];
  for (const name of names) {
    try {
      await refuseTakenName(context, app, addon, name, value);
      free.push(name);
    } catch (error) {
      if (!(error instanceof AddonsError) || !['usage', 'conflict'].includes(error.code)) throw error;
      const message = `The ${addon} of ${app.name} does not get the variable name ${name}: ${error.message}`;
      context.tell({ type: 'warning', message });
    }
  }
  return free;
}

/** The add-on has its line and the name: then the value is from an earlier release. A name that outlived its line gives no right. */
const isOwn = (app: App, addon: string, name: string): boolean =>
  readAddons(app).parsed.resources.some((line) => line.addon === addon) &&
  readNames(app).parsed.names.some((one) => one.addon === addon && one.name === name);

/** With a URL in one of these, neither the deploy hook that reads ENV nor the app would start. */
function refuseSteering(name: string): void {
  if (!STEERING.test(name)) return;
  throw new AddonsError('usage', `${name} steers every program: it cannot hold a URL.`, { hint: OTHER_NAME });
}

const STEERING = /^(PATH|HOME|USER|SHELL|IFS|PWD|TERM|LANG|LC_.*|ENV|BASH_ENV|NODE_OPTIONS|LD_.*)$/;

/** Whether ENV sets the name to something else than this value; without a value: to anything. */
export async function isSetOtherwise({ store }: Context, app: App, name: string, value?: string): Promise<boolean> {
  const set = (await store.configVars.read(app)).values.get(name);
  return set !== undefined && set !== value;
}

function refuseStandardName({ store }: Context, app: App, addon: string, name: string) {
  const { platform } = store;
  const lines = readAddons(app).parsed.resources.map((line) => line.addon);
  const owner = [addon, ...lines, ...installedNames(platform)].find((one) => platform.configVar(one) === name);
  if (owner === undefined) return;
  throw taken(app, addon, `${name} is the standard variable of ${owner}.`, OTHER_NAME);
}

function refuseNameOfAnother(app: App, addon: string, name: string) {
  const { parsed, path } = readNames(app);
  const other = parsed.names.find((one) => one.name === name && one.addon !== addon);
  if (other === undefined) return;
  const hasLine = readAddons(app).parsed.resources.some((line) => line.addon === other.addon);
  const hint = hasLine
    ? `Take it from ${other.addon} first: addons remove ${app.name} ${other.addon} --env ${name}`
    : `The app has no ${other.addon} any more: "addons check --fix" drops line ${other.line} of ${path}.`;
  throw taken(app, addon, `${app.name} has ${name} for its ${other.addon} already.`, hint);
}

/** An operation of the same pair is the caller's own: there is only one at a time. */
function refuseNameUnderWay({ store }: Context, app: App, addon: string, name: string) {
  const other = readJournal(store).find(
    ({ operation }) =>
      // Until it has ended, a move has the name in both of its apps.
      (operation.app?.key === app.key || operation.to?.key === app.key) &&
      operation.addon !== addon &&
      operation.env?.includes(name),
  );
  if (other === undefined) return;
  const { operation } = other;
  const message = `The ${operation.kind} of ${operation.addon} under way for ${app.name} takes ${name}.`;
  throw taken(app, addon, message, 'Wait for it, or see: addons check');
}

const setOtherwise = (app: App, addon: string, name: string) =>
  taken(
    app,
    addon,
    `ENV of ${app.name} sets ${name} already, to something else.`,
    `Take ${name} out of ENV first if ${addon} shall set it, or choose another name.`,
  );

const OTHER_NAME = 'Choose another name.';

const taken = (app: App, addon: string, message: string, hint: string) =>
  new AddonsError('conflict', message, { hint, details: { app: app.name, addon } });
