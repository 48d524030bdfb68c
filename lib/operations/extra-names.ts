import { checkVariableName, namesFor } from '../app/addons-env-file.ts';
import type { Resource } from '../app/addons-file.ts';
import { AddonsError } from '../errors.ts';
import { suggestion } from '../names.ts';
import { writeNames } from '../state/app-changes.ts';
import { extraNames, lineOf, readNames } from '../state/app-files.ts';
import { type App, findApp } from '../state/apps.ts';
import type { Context } from './context.ts';
import { logged } from './logged.ts';
import { noResource } from './no-resource.ts';
import { onPair } from './on-pair.ts';
import { isOnlyOurs } from './recovery/drop-variables.ts';
import type { AddResult, RemoveResult } from './results.ts';
import { isSetOtherwise, refuseTakenName } from './taken-name.ts';
import { openUrls } from './urls.ts';

export { refuseTakenName } from './taken-name.ts';

/** One more name for what the app has already. The next release sets it. */
export async function giveName(context: Context, appName: string, addon: string, name: string): Promise<AddResult> {
  checkVariableName(name);
  if (context.dryRun) return planGiving(context, appName, addon, name);
  return logged(context, { what: 'add', app: appName, addon }, async (context) => {
    // Scripts never run under a lock: where ENV sets the name, its value is compared with a URL that was computed before.
    let computed: { line: Resource; url: string } | undefined;
    for (;;) {
      const found = await onPair(context, appName, addon, async (app): Promise<AddResult | Resource> => {
        const line = lineOf(app, addon);
        if (line === undefined) throw noResource(context, appName, addon);
        if (extraNames(app, addon).includes(name)) return given(context, app, line, 'unchanged');
        const url = computed && isSame(computed.line, line) ? computed.url : undefined;
        if (url === undefined && (await isSetOtherwise(context, app, name))) return line;
        await refuseTakenName(context, app, addon, name, url);
        await writeNames(context.store, app, addon, [...extraNames(app, addon), name]);
        return given(context, app, line, 'done');
      });
      if ('outcome' in found) return found;
      computed = { line: found, url: await urlOf(context, appName, found) };
    }
  });
}

/** Takes one extra name away, from ENV at once; the resource stays. */
export async function takeName(context: Context, appName: string, addon: string, name: string): Promise<RemoveResult> {
  checkVariableName(name);
  if (context.dryRun) return planTaking(context, appName, addon, name);
  return logged(context, { what: 'remove', app: appName, addon }, (context) =>
    onPair(context, appName, addon, async (app) => {
      const { store } = context;
      refuseUnknownName(context, app, addon, name);
      // ENV first: a crash in between leaves a name that the next release sets again, not a variable that nobody drops.
      if (isToDrop(context, app, addon, name)) await store.configVars.change(app, new Map([[name, undefined]]));
      const rest = extraNames(app, addon).filter((one) => one !== name);
      await writeNames(store, app, addon, rest);
      return taken(app, addon, 'done');
    }),
  );
}

async function urlOf(context: Context, app: string, line: Resource): Promise<string> {
  const urls = openUrls(context, 1);
  try {
    return await urls.of(line, app);
  } finally {
    await urls.close();
  }
}

const isSame = (a: Resource, b: Resource) => a.id === b.id && a.private === b.private;

/** Edited by hand, the standard variable may be there as an extra name: it stays as long as the line does. */
const isToDrop = ({ store }: Context, app: App, addon: string, name: string): boolean =>
  isOnlyOurs(store, app, addon, name) && (name !== store.platform.configVar(addon) || lineOf(app, addon) === undefined);

function refuseUnknownName(context: Context, app: App, addon: string, name: string) {
  const { parsed } = readNames(app);
  const names = namesFor(parsed, addon);
  if (names.includes(name)) return;
  if (lineOf(app, addon) === undefined) throw noResource(context, app.name, addon);
  const details = { app: app.name, addon };
  const standard = context.store.platform.configVar(addon);
  if (name === standard) {
    const message = `${name} is the standard variable of ${addon}: it goes only with the resource.`;
    throw new AddonsError('conflict', message, { hint: `To do that: addons remove ${app.name} ${addon}`, details });
  }
  const message = `The ${addon} of ${app.name} has no variable name ${name}.${suggestion(name, names)}`;
  const has = names.length > 0 ? `Beside ${standard} it has: ${names.join(', ')}.` : `It has ${standard} alone.`;
  throw new AddonsError('resource-not-found', message, { hint: has, details });
}

/** No script is run: a variable that ENV sets is compared with what the last release set. */
async function planGiving(context: Context, appName: string, addon: string, name: string): Promise<AddResult> {
  const { platform, configVars } = context.store;
  const app = findApp(platform, appName);
  const line = lineOf(app, addon);
  if (line === undefined) throw noResource(context, appName, addon);
  if (extraNames(app, addon).includes(name)) return given(context, app, line, 'unchanged');
  const { values } = await configVars.read(app);
  await refuseTakenName(context, app, addon, name, values.get(platform.configVar(addon)));
  const steps = [`add ${addon};${name} to ${app.dir}/ADDONS.env`, `the next release sets ${name}`];
  return { ...given(context, app, line, 'planned'), steps };
}

function planTaking(context: Context, appName: string, addon: string, name: string): RemoveResult {
  const app = findApp(context.store.platform, appName);
  refuseUnknownName(context, app, addon, name);
  const drop = isToDrop(context, app, addon, name) ? [`drop ${name} from ${context.store.configVars.place(app)}`] : [];
  return { ...taken(app, addon, 'planned'), steps: [...drop, `drop ${addon};${name} from ${app.dir}/ADDONS.env`] };
}

const given = ({ store }: Context, app: App, { addon, id }: Resource, outcome: AddResult['outcome']): AddResult => ({
  app: app.name,
  addon,
  outcome,
  id,
  configVar: store.platform.configVar(addon),
  env: extraNames(app, addon),
  steps: [],
});

function taken(app: App, addon: string, outcome: RemoveResult['outcome']): RemoveResult {
  const line = lineOf(app, addon);
  return { app: app.name, addon, outcome, ...(line && { id: line.id }), resource: 'stays', steps: [] };
}
