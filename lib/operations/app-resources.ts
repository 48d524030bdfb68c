import { type AddonsEnvFile, namesFor } from '../app/addons-env-file.ts';
import type { AddonsFile } from '../app/addons-file.ts';
import { AddonsError } from '../errors.ts';
import { isInstalled } from '../scripts/addon.ts';
import type { App } from '../state/apps.ts';
import { type Entry, type OperationKind, readJournal } from '../state/journal.ts';
import { keptIds } from '../state/kept.ts';
import { isEnabled } from '../state/markers.ts';
import type { Context } from './context.ts';
import type { AppResources, ResourceState } from './results.ts';

/** The files of one app, as they were read. */
export interface AppFiles {
  addons: AddonsFile;
  names: AddonsEnvFile;
}

/** Tells what an app has and what stands in the way of it. Journal and add-ons are looked at once, for all apps. */
export function openResources(context: Context): (app: App, files: AppFiles) => AppResources {
  const stateOf = addonStates(context);
  const isMarked = marks(context);
  const entries = openEntries(context);
  return (app, files) => resourcesOf(context, app, files, stateOf, isMarked, entries.get(app.key) ?? []);
}

export const NO_NAMES: AddonsEnvFile = { names: [], malformed: [] };

/** Stands for an ADDONS that cannot be read, where one app must not stop all. */
export const UNREADABLE: AddonsFile = {
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

type IsMarked = (addon: string, id: string) => boolean;

/** Each add-on's marks are read once. */
function marks({ store }: Context): IsMarked {
  const known = new Map<string, Set<string>>();
  return (addon, id) => {
    const ids = known.get(addon) ?? idsIfReadable(addon);
    known.set(addon, ids);
    return ids.has(id);
  };
  function idsIfReadable(addon: string): Set<string> {
    try {
      return keptIds(store, addon);
    } catch (error) {
      if (error instanceof AddonsError) return new Set(); // whoever removes reads it again, and refuses
      throw error;
    }
  }
}

/** By app; a move is about two. Emptying the trash is about what no app has. */
function openEntries({ store }: Context): Map<string, Entry[]> {
  const byApp = new Map<string, Entry[]>();
  for (const entry of readJournal(store)) {
    const { kind, app, to } = entry.operation;
    if (kind === 'empty') continue;
    for (const key of [app?.key, to?.key]) {
      if (key !== undefined) byApp.set(key, [...(byApp.get(key) ?? []), entry]);
    }
  }
  return byApp;
}

/** What an open operation makes of a line; the others leave it as it is. */
const CHANGING: Partial<Record<OperationKind, ResourceState['state']>> = {
  remove: 'removing',
  rotate: 'rotating',
  move: 'moving',
};

/** What an open operation shows where there is no line yet. */
const COMING: Partial<Record<OperationKind, ResourceState['state']>> = {
  add: 'adding',
  adopt: 'adding',
  undo: 'adding',
  move: 'moving',
};

function resourcesOf(
  { store }: Context,
  app: App,
  { addons, names }: AppFiles,
  stateOf: StateOf,
  isMarked: IsMarked,
  entries: Entry[],
): AppResources {
  const duplicated = new Set(addons.duplicates.map(({ addon }) => addon));
  const stateOfLine = (addon: string): ResourceState['state'] => {
    const entry = entries.find(({ operation }) => operation.addon === addon);
    if (duplicated.has(addon)) return 'duplicate';
    if (entry?.quarantine !== undefined) return 'quarantined';
    return (entry && CHANGING[entry.operation.kind]) ?? stateOf(addon);
  };
  const variables = (addon: string) => ({ configVar: store.platform.configVar(addon), env: namesFor(names, addon) });
  const lines = addons.resources.map(({ addon, id }) => ({
    addon,
    id,
    ...variables(addon),
    state: stateOfLine(addon),
    ...(isMarked(addon, id) && { kept: true as const }),
  }));
  const coming = entries.flatMap(({ operation, quarantine }): ResourceState[] => {
    const { kind, addon, resource: id = '', env = [] } = operation;
    const state = COMING[kind];
    if (state === undefined || lines.some((line) => line.addon === addon)) return [];
    const { configVar } = variables(addon);
    return [{ addon, id, configVar, env, state: quarantine === undefined ? state : 'quarantined' }];
  });
  return { app: app.name, resources: [...lines, ...coming], malformed: addons.malformed };
}
