import { dropRepeats, parseAddonsFile } from '../../app/addons-file.ts';
import { AddonsError } from '../../errors.ts';
import { dropRepeatedLines, writeNames } from '../../state/app-changes.ts';
import { readAddons, readNames } from '../../state/app-files.ts';
import { type App, findApp } from '../../state/apps.ts';
import { isRoot } from '../../state/directory.ts';
import { readEntry } from '../../state/journal.ts';
import { giveAway, narrowMode } from '../../state/permissions.ts';
import type { Context } from '../context.ts';
import { lockApp } from '../locks.ts';
import { recover } from '../recovery/recover.ts';
import { release } from '../release.ts';
import type { Finding, FindingKind } from '../results.ts';
import { tendDaemons } from '../tend-daemons.ts';
import { staleNames } from './names.ts';

/** How one finding is repaired. */
export interface Repair {
  finding: Finding;
  /** Repairs of one name are one: a release mends every variable of its app. */
  name: string;
  /** It is an operation of its own, which leaves its own line in the log. */
  isOperation: boolean;
  /** @throws {AddonsError} */
  apply(): Promise<void>;
}

/** The safe repair of a finding: nothing is lost by it. Undefined: it is for a person. */
export function repairOf(context: Context, finding: Finding): Repair | undefined {
  const apply = REPAIRS[finding.kind]?.(context, finding);
  if (apply === undefined) return undefined;
  const { kind, app, addon, path, operation } = finding;
  const name = JSON.stringify(
    kind === 'drift'
      ? [kind, app]
      : kind.startsWith('daemon-')
        ? ['daemons', addon]
        : [kind, app, addon, path, operation],
  );
  return { finding, name, isOperation: OPERATIONS.has(kind), apply };
}

type Apply = () => Promise<void>;

const REPAIRS: Partial<Record<FindingKind, (context: Context, finding: Finding) => Apply | undefined>> = {
  interrupted:
    (context, { operation = '' }) =>
    async () => {
      const entry = readEntry(context.store, operation);
      if (entry) await recover(context, entry);
    },
  drift:
    (context, { app = '' }) =>
    async () => {
      await release(context, app);
    },
  mode: (_context, { path = '', addon }) => (addon === undefined ? async () => narrowMode(path) : undefined),
  owner: ownership,
  'half-installed':
    ({ store }, { path = '' }) =>
    () =>
      store.disk.removeTree(path),
  crontab: (context, { addon }) =>
    addon === undefined ? undefined : async () => (await import('../sync-crontab.ts')).syncCrontab(context, [addon]),
  'daemon-drift': daemonsOf,
  'daemon-down': daemonsOf,
  'duplicate-line': repeatedLines,
  'stale-name': staleName,
};

const OPERATIONS = new Set<FindingKind>(['interrupted', 'drift']);

/** One repair for all daemons of an add-on. */
function daemonsOf(context: Context, { addon = '' }: Finding): Apply {
  return () => tendDaemons(context, addon);
}

/** A file goes to the owner of the directory that it lies in: the app's, or lib root. */
function ownership({ store }: Context, { app, path }: Finding): Apply | undefined {
  if (!isRoot() || path === undefined) return undefined;
  return async () => giveAway(path, app === undefined ? store.platform.libRoot : findApp(store.platform, app).dir);
}

/** Lines that differ name two resources: only a person can say which is the right one. */
function repeatedLines(context: Context, { app = '', addon = '' }: Finding): Apply | undefined {
  const { store } = context;
  const { bytes } = readAddons(findApp(store.platform, app));
  const left = parseAddonsFile(dropRepeats(bytes, addon)).resources.filter((line) => line.addon === addon);
  if (left.length !== 1) return undefined;
  return () => underLock(context, app, (found) => dropRepeatedLines(store, found, addon));
}

/** Looked at again under the lock: an add or an adopt writes the name before the line. */
function staleName(context: Context, { app = '', addon }: Finding): Apply | undefined {
  const { store } = context;
  if (addon === undefined) return undefined;
  return () =>
    underLock(context, app, async (found) => {
      const stale = staleNames(context, found, readAddons(found).parsed, readNames(found).parsed);
      if (stale.includes(addon)) await writeNames(store, found, addon, []);
    });
}

async function underLock(context: Context, name: string, work: (app: App) => Promise<void>) {
  const app = findApp(context.store.platform, name);
  await lockApp(context, app, async () => {
    const now = findApp(context.store.platform, name);
    if (now.key === app.key) return work(now);
    throw new AddonsError('conflict', `${app.dir} was replaced meanwhile.`, { hint: 'Run the command again.' });
  });
}
