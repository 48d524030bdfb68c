import type { AddonsFile, Resource } from '../app/addons-file.ts';
import { AddonsError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { readAddons, sweepApp } from '../state/app-files.ts';
import { type App, findApp } from '../state/apps.ts';
import { type Entry, isEmpty, isRecoverable, readJournal, sweepJournal } from '../state/journal.ts';
import { prepareStore } from '../state/store.ts';
import type { Context } from './context.ts';
import { look } from './release-look.ts';
import type { ReleaseResult } from './results.ts';
import { openUrls, type Urls } from './urls.ts';

/** Regenerates the app's config vars in ENV: all of them, or on any failure none. */
export async function release(context: Context, appName: string): Promise<ReleaseResult> {
  const app = findApp(context.store.platform, appName);
  if (!context.dryRun) prepareStore(context.store);
  const urls = openUrls(context);
  let closing: Promise<void> | undefined;
  // The shells end while ENV is written.
  const onComputed = () => {
    closing = urls.close();
  };
  try {
    return await releaseApp(context, app, urls, onComputed);
  } finally {
    await closing;
    await urls.close();
  }
}

/** Others change ADDONS, ENV or the add-ons' answers at the same time: then it starts again, this often at most. */
const ATTEMPTS = 20;

export async function releaseApp(
  context: Context,
  app: App,
  urls: Urls,
  onComputed = () => {},
): Promise<ReleaseResult> {
  if (context.dryRun) return plan(context, app);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await clearApp(context, app);
    const seen = look(context, app);
    if (seen.addons.identity === undefined) return nothingToDo(app);
    // What writes is loaded while the scripts run.
    const [wanted, { commitRelease }] = await Promise.all([
      computeUrls(context, app, seen.addons.parsed, urls),
      import('./release-commit.ts'),
    ]);
    onComputed();
    const changed = await commitRelease(context, app, seen, wanted);
    if (changed) return result(app, seen.addons.parsed, wanted, changed);
  }
  throw new AddonsError('busy', `ADDONS or ENV of ${app.name} changed ${ATTEMPTS} times while it was released.`, {
    hint: 'Find out who keeps changing them, then release again.',
    details: { app: app.name },
  });
}

/** Open removes are waited for. What an interrupted add left is finished, but does not stop the others' variables. */
async function clearApp(context: Context, app: App) {
  if (!isEmpty(context.store)) {
    await sweepJournal(context.store);
    for (const entry of readJournal(context.store)) {
      if (entry.operation.app?.key !== app.key) continue;
      if (entry.operation.kind !== 'add') await clear(context, entry);
      else if (isRecoverable(entry)) await clear(context, entry).catch((error) => context.tell(warning(error)));
    }
  }
  await sweepApp(context.store, app);
}

/** Most releases meet no entry: recovery is loaded by those that do. */
async function clear(context: Context, entry: Entry): Promise<void> {
  const { clearEntry } = await import('./recovery/recover.ts');
  await clearEntry(context, entry);
}

const warning = (error: unknown) =>
  ({ type: 'warning', message: error instanceof Error ? error.message : String(error) }) as const;

async function computeUrls(context: Context, app: App, file: AddonsFile, urls: Urls): Promise<Map<string, string>> {
  const { platform } = context.store;
  const wanted = new Map<string, string>();
  const failures = duplicatesOf(app, file);
  await Promise.all(
    file.resources.map(async (line) => {
      const variable = platform.configVar(line.addon);
      try {
        const url = await urls.of(line);
        if (wanted.has(variable)) throw clash(line, variable);
        wanted.set(variable, url);
      } catch (error) {
        failures.push(onLine(app, line, error));
      }
    }),
  );
  if (failures.length === 0) return inOrderOf(file, wanted, platform);
  const aborted = failures.find(({ code }) => code === 'aborted');
  if (aborted) throw aborted;
  throw new AddonsError(
    'release-failed',
    `${app.name} was not released: ${failures.map(({ message }) => message).join(' ')}`,
    {
      hint:
        failures.find(({ hint }) => hint)?.hint ??
        `ENV is as it was. Mend the reason, then: addons release ${app.name}`,
      details: { app: app.name, failures },
    },
  );
}

/** As the lines stand, not as the answers came: one ADDONS always makes one ENV. */
const inOrderOf = ({ resources }: AddonsFile, wanted: Map<string, string>, { configVar }: Platform) =>
  new Map(
    resources.flatMap(({ addon }) => {
      const url = wanted.get(configVar(addon));
      return url === undefined ? [] : [[configVar(addon), url] as const];
    }),
  );

const duplicatesOf = (app: App, { duplicates }: AddonsFile): AddonsError[] =>
  duplicates.map(
    ({ addon, lines }) =>
      new AddonsError('conflict', `Lines ${lines.join(', ')} of ADDONS are all for ${addon}.`, {
        hint: 'Delete the wrong lines by hand; "addons check" tells which ids exist.',
        details: { app: app.name, addon },
      }),
  );

const clash = (line: Resource, variable: string) =>
  new AddonsError('conflict', `Another add-on of this app sets ${variable} already.`, {
    details: { addon: line.addon },
  });

/** Says which line of ADDONS it is about. */
function onLine(app: App, line: Resource & { line: number }, error: unknown): AddonsError {
  const { message, code, hint, details } = error instanceof AddonsError ? error : new AddonsError('io', String(error));
  return new AddonsError(code, `Line ${line.line} of ADDONS (${line.addon}): ${message}`, {
    hint,
    details: { ...details, app: app.name, addon: line.addon },
    cause: error,
  });
}

function result(app: App, file: AddonsFile, wanted: Map<string, string>, changed: string[]): ReleaseResult {
  return {
    app: app.name,
    outcome: changed.length > 0 ? 'done' : 'unchanged',
    configVars: [...wanted.keys()].sort(),
    changed,
    warnings: warningsOf(file),
  };
}

function plan({ store }: Context, app: App): ReleaseResult {
  const { identity, parsed } = readAddons(app);
  if (identity === undefined) return nothingToDo(app);
  const configVars = parsed.resources.map(({ addon }) => store.platform.configVar(addon)).sort();
  return { app: app.name, outcome: 'planned', configVars, changed: [], warnings: warningsOf(parsed) };
}

const nothingToDo = (app: App): ReleaseResult => ({
  app: app.name,
  outcome: 'unchanged',
  configVars: [],
  changed: [],
  warnings: [],
});

const warningsOf = ({ malformed }: AddonsFile): string[] =>
  malformed.map(({ line, problem }) => `Line ${line} of ADDONS is skipped: ${problem}.`);
