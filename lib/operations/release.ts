import type { AddonsEnvFile } from '../app/addons-env-file.ts';
import type { AddonsFile, Resource } from '../app/addons-file.ts';
import { AddonsError } from '../errors.ts';
import { readAddons, readNames, sweepApp } from '../state/app-files.ts';
import { type App, findApp } from '../state/apps.ts';
import { type Entry, isEmpty, isRecoverable, readJournal, sweepJournal } from '../state/journal.ts';
import { prepareStore } from '../state/store.ts';
import type { Context } from './context.ts';
import { type Look, look } from './release-look.ts';
import { allVariables, type Variables, variablesOf } from './release-variables.ts';
import type { ReleaseResult } from './results.ts';
import { triggered } from './triggered.ts';
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
  return triggered(context, { what: 'release', app: app.name, always: true }, (context) =>
    carryOut(context, app, urls, onComputed),
  );
}

async function carryOut(context: Context, app: App, urls: Urls, onComputed: () => void): Promise<ReleaseResult> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await clearApp(context, app);
    const seen = await look(context, app);
    if (seen.addons.identity === undefined) return nothingToDo(app);
    // What writes is loaded while the scripts run.
    const [wanted, { commitRelease }] = await Promise.all([
      computeUrls(context, app, seen, urls),
      import('./release-commit.ts'),
    ]);
    onComputed();
    const changed = await commitRelease(context, app, seen, wanted);
    if (changed) return result(app, seen, wanted, changed);
  }
  throw new AddonsError('busy', `ADDONS or ENV of ${app.name} changed ${ATTEMPTS} times while it was released.`, {
    hint: 'Find out who keeps changing them, then release again.',
    details: { app: app.name },
  });
}

/**
 * What takes or changes a line is waited for. What an interrupted operation that gives one left is finished, but does not stop the
 * others' variables. Emptying the trash concerns no line.
 */
async function clearApp(context: Context, app: App) {
  if (!isEmpty(context.store)) {
    await sweepJournal(context.store);
    for (const entry of readJournal(context.store)) {
      const { kind, app: one, to } = entry.operation;
      if ((one?.key !== app.key && to?.key !== app.key) || kind === 'empty') continue;
      if (!GIVING.has(kind)) await clear(context, entry);
      else if (isRecoverable(entry)) await clear(context, entry).catch((error) => context.tell(warning(error)));
    }
  }
  await sweepApp(context.store, app);
}

const GIVING: ReadonlySet<Entry['operation']['kind']> = new Set(['add', 'adopt', 'undo']);

/** Most releases meet no entry: recovery is loaded by those that do. */
async function clear(context: Context, entry: Entry): Promise<void> {
  const { clearEntry } = await import('./recovery/recover.ts');
  await clearEntry(context, entry);
}

const warning = (error: unknown) =>
  ({ type: 'warning', message: error instanceof Error ? error.message : String(error) }) as const;

/** Every variable and its value, as the lines stand and not as the answers came: one ADDONS always makes one ENV. */
async function computeUrls(context: Context, app: App, seen: Look, urls: Urls): Promise<Map<string, string>> {
  const { given, clashes } = variablesIn(context, app, seen);
  const { resources } = seen.addons.parsed;
  const failures = duplicatesOf(app, seen.addons.parsed);
  const computed = new Map<string, string>();
  await Promise.all(
    resources.map(async (line) => {
      try {
        const clash = clashes.get(line.addon);
        if (clash) throw clash;
        computed.set(line.addon, await urls.of(line, app.name));
      } catch (error) {
        failures.push(onLine(app, line, error));
      }
    }),
  );
  if (failures.length === 0) {
    return new Map(
      [...given].flatMap(([addon, names]) => {
        const url = computed.get(addon);
        return url === undefined ? [] : names.map((name) => [name, url] as const);
      }),
    );
  }
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

const duplicatesOf = (app: App, { duplicates }: AddonsFile): AddonsError[] =>
  duplicates.map(
    ({ addon, lines }) =>
      new AddonsError('conflict', `Lines ${lines.join(', ')} of ADDONS are all for ${addon}.`, {
        hint: 'Delete the wrong lines by hand; "addons check" tells which ids exist.',
        details: { app: app.name, addon },
      }),
  );

/** Says which line of ADDONS it is about. */
function onLine(app: App, line: Resource & { line: number }, error: unknown): AddonsError {
  const { message, code, hint, details } = error instanceof AddonsError ? error : new AddonsError('io', String(error));
  return new AddonsError(code, `Line ${line.line} of ADDONS (${line.addon}): ${message}`, {
    hint,
    details: { ...details, app: app.name, addon: line.addon },
    cause: error,
  });
}

function result(app: App, seen: Look, wanted: Map<string, string>, changed: string[]): ReleaseResult {
  return {
    app: app.name,
    outcome: changed.length > 0 ? 'done' : 'unchanged',
    configVars: [...wanted.keys()].sort(),
    changed,
    warnings: warningsOf(seen),
  };
}

function plan(context: Context, app: App): ReleaseResult {
  const files = { addons: readAddons(app), names: readNames(app) };
  if (files.addons.identity === undefined) return nothingToDo(app);
  const configVars = allVariables(variablesIn(context, app, files));
  return { app: app.name, outcome: 'planned', configVars, changed: [], warnings: warningsOf(files) };
}

type Files = Pick<Look, 'addons' | 'names'>;

const variablesIn = ({ store }: Context, app: App, { addons, names }: Files): Variables =>
  variablesOf(addons.parsed, names.parsed, app.name, store.platform.configVar);

const nothingToDo = (app: App): ReleaseResult => ({
  app: app.name,
  outcome: 'unchanged',
  configVars: [],
  changed: [],
  warnings: [],
});

const warningsOf = ({ addons, names }: Files): string[] => [
  ...skipped('ADDONS', addons.parsed),
  ...skipped('ADDONS.env', names.parsed),
];

const skipped = (file: string, { malformed }: AddonsFile | AddonsEnvFile): string[] =>
  malformed.map(({ line, problem }) => `Line ${line} of ${file} is skipped: ${problem}.`);
