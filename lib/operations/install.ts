import { AddonsError } from '../errors.ts';
import { checkAddonName, isAddonName } from '../names.ts';
import { readDescriptor } from '../scripts/addon.ts';
import { hasData } from '../state/addon-data.ts';
import { prepareStore } from '../state/store.ts';
import { placeOf } from '../state/versions.ts';
import type { Context } from './context.ts';
import { keepingCrontab } from './crontab.ts';
import { type Examined, examine, examinePackage } from './examine.ts';
import { findSource, type Source } from './install-source.ts';
import { lockAddon } from './locks.ts';
import { logged } from './logged.ts';
import { newBeside, placeConfig } from './operator-config.ts';
import { runPostinstall } from './postinstall.ts';
import type { InstallOptions, InstallResult } from './results.ts';
import { copyTree, type Staged, stageAddon } from './stage-addon.ts';
import { refuseClash, standingOf, versionInForce } from './standing.ts';
import { clearSwap, refuseSwapping } from './swap-entry.ts';
import { tendDaemons } from './tend-daemons.ts';

/** One add-on on its way to its place. */
export interface Job {
  /** As it was typed, for hints. */
  word: string;
  source: Source;
  name: string;
  /** Another version is replaced. */
  force: boolean;
}

/**
 * Puts an add-on in its place, whole or not at all: from a directory, a package, or one that comes with this package. Another
 * version is replaced by `force` in one step; none of its scripts is run for that.
 *
 * @throws {AddonsError} `usage`, `addon-not-found`; `script-not-found`, `malformed`, `permission` for what is no sound add-on;
 * `conflict` where the name or the variable is taken; `script-failed` of its `postinstall`
 */
export async function install(context: Context, word: string, options: InstallOptions = {}): Promise<InstallResult> {
  const { as, force = false } = options;
  const source = await findSource(context.store.platform, word);
  const name = checkName(as ?? source.name, as === undefined, word);
  return installSource(context, { word, source, name, force });
}

export async function installSource(context: Context, job: Job): Promise<InstallResult> {
  if (context.dryRun) return plan(context, job);
  const result = await logged(context, { what: 'install', addon: job.name }, (context) => carryOut(context, job));
  await context.triggers.tell('install', [job.name], { outcome: result.outcome === 'done' ? 'done' : 'unchanged' });
  return result;
}

async function plan(context: Context, job: Job): Promise<InstallResult> {
  const { platform } = context.store;
  const { source, name } = job;
  const examined = await look(context, job);
  if ((await standingOf(platform, job)) === 'same') return resultOf(context, job, examined, 'unchanged');
  refuseClash(platform, job);
  const verb = source.kind === 'package' ? 'unpack' : 'copy';
  const steps = [`${verb} ${source.path} to ${platform.addonRoot(name)}`];
  return { ...resultOf(context, job, examined, 'planned'), steps };
}

async function carryOut(context: Context, job: Job): Promise<InstallResult> {
  const { store, tell } = context;
  const { source, name } = job;
  // Of a package only what it says of itself is known before it is unpacked.
  const seen = source.kind === 'directory' ? await examine(context, job, source.path) : undefined;
  if ((await standingOf(store.platform, job)) === 'same')
    return resultOf(context, job, seen ?? (await look(context, job)), 'unchanged');
  refuseClash(store.platform, job);
  await clearSwap(context, name);
  prepareStore(store);
  tell({ type: 'step', message: `${placeOf(store.platform, name) === 'version' ? 'Updating' : 'Installing'} ${name}` });
  const staged = await stage(context, job);
  try {
    const examined = seen ?? (await examine(context, job, staged.root));
    await runPostinstall(context, name, staged.root);
    const result = await keepingCrontab(context, name, staged.root, () =>
      lockAddon(context, name, async () => {
        if ((await standingOf(store.platform, job)) === 'same') return resultOf(context, job, examined, 'unchanged'); // another was faster
        refuseSwapping(context, name);
        return putInPlace(context, job, examined, staged);
      }),
    );
    if (result.replaced !== undefined) await tendDaemons(context, name);
    return result;
  } finally {
    await staged.discard();
  }
}

export async function stage({ store }: Context, { source, name }: Job): Promise<Staged> {
  const { path, kind } = source;
  if (kind === 'package') {
    const { unpack } = await import('../packages/unpack.ts');
    return stageAddon(store, name, (directory) => unpack(path, directory));
  }
  const { leftOutOf } = await import('../packages/left-out.ts');
  const leftOut = await leftOutOf(path);
  return stageAddon(store, name, (directory) => copyTree(path, directory, leftOut));
}

/** The operator's file comes first: commented out, it means nothing to the version that is still in force. */
async function putInPlace(context: Context, job: Job, examined: Examined, staged: Staged): Promise<InstallResult> {
  const { store, tell } = context;
  const { platform } = store;
  const { name } = job;
  const replaced = versionInForce(platform, name);
  const isEarlier = replaced === undefined && hasData(store, name);
  const left = await placeConfig(store, name, readDescriptor(staged.root));
  await staged.publish();
  if (isEarlier) tell({ type: 'note', message: earlierData(platform.addonData(name), name) });
  if (left !== undefined) tell({ type: 'note', message: editedConfig(platform.addonConfig(name)) });
  return { ...resultOf(context, job, examined, 'done'), ...(replaced !== undefined && { replaced }) };
}

/** All that can be said of the source without the place it goes to. */
const look = (context: Context, job: Job): Promise<Examined> =>
  job.source.kind === 'directory' ? examine(context, job, job.source.path) : examinePackage(context, job);

function resultOf(
  { store }: Context,
  { name, source }: Job,
  { version, overrides }: Examined,
  outcome: InstallResult['outcome'],
): InstallResult {
  return {
    addon: name,
    outcome,
    source: source.path,
    ...(version !== undefined && { version }),
    configVar: store.platform.configVar(name),
    ...(overrides !== undefined && { overrides }),
    steps: [],
  };
}

function checkName(name: string, isOfSource: boolean, word: string): string {
  if (!isOfSource || isAddonName(name)) return checkAddonName(name);
  throw new AddonsError('usage', `The directory's name ${JSON.stringify(name)} is no name for an add-on.`, {
    hint: `Give it one: addons install ${word} --as <name>`,
  });
}

const earlierData = (path: string, name: string) => `An earlier ${name} left data in ${path}: this one gets them.`;

const editedConfig = (path: string) =>
  `${path} was edited and stays as it is; with the values of this version it would be ${newBeside(path)}.`;
