import type { AddonsFile } from '../app/addons-file.ts';
import { isInstalled } from '../scripts/addon.ts';
import { addonsIfReadable, readAddons } from '../state/app-files.ts';
import { type App, allApps, findApp } from '../state/apps.ts';
import { type Entry, readJournal } from '../state/journal.ts';
import { isEnabled } from '../state/markers.ts';
import type { Context } from './context.ts';
import type { AppResources, ResourceState } from './results.ts';

/** What one app has. Reads only. */
export function list(context: Context, appName: string): AppResources {
  const app = findApp(context.store.platform, appName);
  const { parsed } = readAddons(app);
  return resourcesOf(context, app, parsed, addonStates(context), openEntries(context).get(app.key) ?? []);
}

/** What every app has, one at a time: ten thousand apps need the memory of one. */
export function* listAll(context: Context): Generator<AppResources> {
  const states = addonStates(context);
  const entries = openEntries(context);
  for (const app of allApps(context.store.platform)) {
    const file = addonsIfReadable(app) ?? UNREADABLE;
    yield resourcesOf(context, app, file, states, entries.get(app.key) ?? []);
  }
}

const UNREADABLE: AddonsFile = {
  resources: [],
  malformed: [{ line: 0, problem: 'the file cannot be read; "addons check" says why' }],
  duplicates: [],
};

type StateOf = (addon: string) => 'ok' | 'disabled' | 'not-installed';

function addonStates({ store }: Context): StateOf {
  const known = new Map<string, ReturnType<StateOf>>();
  return (addon) => {
    const state = known.get(addon) ?? stateOf(addon);
    known.set(addon, state);
    return state;
  };
  function stateOf(addon: string) {
    if (!isInstalled(store.platform, addon)) return 'not-installed';
    return isEnabled(store, addon) ? 'ok' : 'disabled';
  }
}

function openEntries({ store }: Context): Map<string, Entry[]> {
  const byApp = new Map<string, Entry[]>();
  for (const entry of readJournal(store)) {
    const key = entry.operation.app?.key;
    if (key !== undefined) byApp.set(key, [...(byApp.get(key) ?? []), entry]);
  }
  return byApp;
}

function resourcesOf(
  { store }: Context,
  app: App,
  parsed: AddonsFile,
  stateOf: StateOf,
  entries: Entry[],
): AppResources {
  const duplicated = new Set(parsed.duplicates.map(({ addon }) => addon));
  const underWay = (addon: string) => entries.find(({ operation }) => operation.addon === addon);
  const state = (addon: string): ResourceState['state'] => {
    const entry = underWay(addon);
    if (duplicated.has(addon)) return 'duplicate';
    if (entry?.quarantine !== undefined) return 'quarantined';
    if (entry?.operation.kind === 'remove') return 'removing';
    return stateOf(addon);
  };
  const lines = parsed.resources.map(({ addon, id }) => ({ addon, id, state: state(addon) }));
  const adding = entries
    .filter(({ operation }) => operation.kind === 'add' && !lines.some(({ addon }) => addon === operation.addon))
    .map(({ operation, quarantine }) => ({
      addon: operation.addon,
      id: '',
      state: quarantine === undefined ? ('adding' as const) : ('quarantined' as const),
    }));
  const resources = [...lines, ...adding].map((line) => ({ ...line, configVar: store.platform.configVar(line.addon) }));
  return { app: app.name, resources, malformed: parsed.malformed };
}
