import { AddonsError } from '../errors.ts';
import { checkAddonName } from '../names.ts';
import { readDescriptor, realRoot } from '../scripts/addon.ts';
import { prepareStore } from '../state/store.ts';
import { link, placeOf } from '../state/versions.ts';
import { build } from './build.ts';
import type { Context } from './context.ts';
import { keepingCrontab, refreshCrontab } from './crontab.ts';
import { examine } from './examine.ts';
import type { Job } from './install.ts';
import { lockAddon } from './locks.ts';
import { logged } from './logged.ts';
import { placeConfig } from './operator-config.ts';
import { findDirectory, nameOfDirectory } from './own-directory.ts';
import { runPostinstall } from './postinstall.ts';
import type { DevelopResult } from './results.ts';
import { refuseClash } from './standing.ts';

/**
 * Makes the place of an add-on a link to a developer's directory, once it is built and sound: what is changed there is in force
 * at once.
 *
 * @throws {AddonsError} as `install`; nothing of the platform is changed then
 */
export async function develop(context: Context, directory: string, as?: string): Promise<DevelopResult> {
  const root = findDirectory(directory);
  const own = nameOfDirectory(root);
  const name = as === undefined ? own : checkAddonName(as);
  const job: Job = { word: root, source: { kind: 'directory', path: root, name: own }, name, force: false };
  if (context.dryRun) return plan(context, job);
  return logged(context, { what: 'develop', addon: name }, (context) => carryOut(context, job));
}

async function plan(context: Context, job: Job): Promise<DevelopResult> {
  const { platform } = context.store;
  const { source, name } = job;
  const { steps } = await build(context, source.path);
  if (steps.length === 0) await examine(context, job, source.path);
  if (standing(context, job) === 'same') return resultOf(context, job, 'unchanged');
  refuseClash(platform, job);
  return {
    ...resultOf(context, job, 'planned'),
    steps: [...steps, `link ${platform.addonRoot(name)} to ${source.path}`],
  };
}

async function carryOut(context: Context, job: Job): Promise<DevelopResult> {
  const { store } = context;
  const { name, source } = job;
  const isSame = standing(context, job) === 'same';
  refuseClash(store.platform, job);
  await build(context, source.path);
  await examine(context, job, source.path);
  if (isSame) {
    await refreshCrontab(context, name); // what its file says may be other than it was
    return resultOf(context, job, 'unchanged');
  }
  prepareStore(store);
  await runPostinstall(context, name, source.path);
  return keepingCrontab(context, name, source.path, () =>
    lockAddon(context, name, async () => {
      if (standing(context, job) === 'same') return resultOf(context, job, 'unchanged'); // another was faster
      await placeConfig(store, name, readDescriptor(source.path));
      await link(store, name, source.path);
      return resultOf(context, job, 'done');
    }),
  );
}

/** What is in the place must be nothing, or a link to this very directory: another of the same content is another. */
function standing({ store }: Context, { source, name }: Job): 'free' | 'same' {
  const { platform } = store;
  if (placeOf(platform, name) === 'nothing') return 'free';
  if (realRoot(platform, name) === source.path) return 'same';
  throw inTheWay(platform.addonRoot(name), name);
}

const inTheWay = (root: string, name: string) =>
  new AddonsError('conflict', `${name} is installed in ${root} already: nothing was changed.`, {
    hint: `Take it away first: addons uninstall ${name}. To have both: addons develop --as <name>`,
    details: { addon: name },
  });

const resultOf = ({ store }: Context, { name, source }: Job, outcome: DevelopResult['outcome']): DevelopResult => ({
  addon: name,
  outcome,
  directory: source.path,
  configVar: store.platform.configVar(name),
  steps: [],
});
