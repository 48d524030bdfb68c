import { AddonsError } from '../errors.ts';
import { checkAddonName } from '../names.ts';
import { readDescriptor, realRoot } from '../scripts/addon.ts';
import { needSupervisor, type Supervisor } from '../services/supervisor.ts';
import { readUnits } from '../services/unit-files.ts';
import type { Entry, Operation } from '../state/journal.ts';
import { isEnabled } from '../state/markers.ts';
import { prepareStore } from '../state/store.ts';
import { placeOf } from '../state/versions.ts';
import { installedAddon, notEnabled } from './addons.ts';
import { beginOnAddon, carryThrough } from './begin.ts';
import { type Context, uninterrupted } from './context.ts';
import { beginSet, wantedOf } from './daemon-set.ts';
import { examine } from './examine.ts';
import { type Job, stage } from './install.ts';
import { findSource } from './install-source.ts';
import { otherSet, setInForce } from './keep-daemons.ts';
import { lockAddon, lockDaemons } from './locks.ts';
import { logged } from './logged.ts';
import { placeConfig } from './operator-config.ts';
import { runPostinstall } from './postinstall.ts';
import { swapBack, swapForward } from './recovery/settle-swap.ts';
import type { SwapResult } from './results.ts';
import type { Staged } from './stage-addon.ts';
import { standingOf, versionInForce } from './standing.ts';
import { awaitHealth } from './swap-health.ts';

/**
 * Puts another version of an enabled add-on in force while it is used: its daemons run beside those of the version before, and only
 * when they are healthy clients are led to them; then the old ones end. Where they do not become so, nothing was ever stopped.
 *
 * @throws {AddonsError} as `install`; `not-enabled`; `script-failed` or `script-timeout` where the new version is not healthy
 */
export async function swap(context: Context, word: string, as?: string): Promise<SwapResult> {
  const source = await findSource(context.store.platform, word);
  const name = checkAddonName(as ?? source.name);
  const job: Job = { word, source, name, force: true };
  if (context.dryRun) return plan(context, job);
  return logged(context, { what: 'swap', addon: name }, (context) => carryOut(context, job));
}

async function plan(context: Context, job: Job): Promise<SwapResult> {
  const { name } = job;
  if (!(await isOther(context, job))) return unchanged(job);
  const steps = [
    `start the daemons of ${job.source.path} beside those of ${name}`,
    'ask its health script',
    `put it in force in ${context.store.platform.addonRoot(name)}`,
    `release the apps that use ${name}`,
    'end the daemons of the version before',
  ];
  return { ...unchanged(job), outcome: 'planned', steps };
}

async function carryOut(context: Context, job: Job): Promise<SwapResult> {
  const { store, tell } = context;
  const { name } = job;
  if (!(await isOther(context, job))) return unchanged(job);
  prepareStore(store);
  tell({ type: 'step', message: `Swapping ${name}` });
  const staged = await stage(context, job);
  try {
    const { version } = await examine(context, job, staged.root);
    refuseShared(job, staged.root);
    await runPostinstall(context, name, staged.root);
    const replaced = versionInForce(store.platform, name);
    const set = otherSet(setInForce(readUnits(store.platform, name), realRoot(store.platform, name)));
    const swap = { root: staged.root, set };
    const entry = await beginOnAddon(context, 'swap', name, async () => !(await isOther(context, job)), { swap });
    if (entry === undefined) return unchanged(job);
    const releases = await carryThrough(context, entry, () => carryOver(context, entry, swap, staged));
    return {
      ...unchanged(job),
      outcome: 'done',
      ...(version !== undefined && { version }),
      ...(replaced !== undefined && { replaced }),
      ...releases,
    };
  } finally {
    await staged.discard();
  }
}

/** Until the new version is in force, whatever fails is taken back; from then on it goes forward only. */
async function carryOver(context: Context, entry: Entry, swap: Swap, staged: Staged) {
  const { store } = context;
  const name = entry.operation.addon;
  try {
    const supervisor = await start(context, name, swap);
    await awaitHealth(context, name, swap, supervisor);
    await lockAddon(context, name, async () => {
      await placeConfig(store, name, readDescriptor(staged.root));
      await staged.publish();
    });
  } catch (error) {
    if (realRoot(store.platform, name) !== swap.root) await swapBack(uninterrupted(context), entry, swap);
    throw error;
  }
  return swapForward(context, entry, swap);
}

type Swap = NonNullable<Operation['swap']>;

/** Undefined where the new version has no daemons. */
async function start(context: Context, name: string, { root, set }: Swap): Promise<Supervisor | undefined> {
  const { store, scripts, tell } = context;
  if (Object.keys(readDescriptor(root).daemons).length === 0) return undefined;
  const supervisor = needSupervisor(store.platform, scripts.scriptPath, name);
  tell({ type: 'step', message: `Starting the new daemons of ${name}` });
  await lockDaemons(context, name, () => beginSet(context, wantedOf(context, name, set, supervisor, root), supervisor));
  return supervisor;
}

/** @throws {AddonsError} where there is nothing that could be swapped */
async function isOther(context: Context, job: Job): Promise<boolean> {
  const { store } = context;
  const { name, word } = job;
  installedAddon(context, name); // says what there is
  if (!isEnabled(store, name)) throw notEnabled(name);
  const standing = await standingOf(store.platform, job);
  if (standing === 'same') return false;
  refuseShared(job, realRoot(store.platform, name));
  if (placeOf(store.platform, name) === 'version') return true;
  throw new AddonsError('conflict', `${name} was not installed by this tool: it cannot be swapped.`, {
    hint: `Install it first: addons install ${word}`,
    details: { addon: name },
  });
}

function refuseShared({ name, word }: Job, root: string): void {
  if (Object.values(readDescriptor(root).daemons).every(({ each }) => each === undefined)) return;
  throw new AddonsError('conflict', `${name} cannot be swapped: two versions would run on the same directories.`, {
    hint: `Its daemons go on through an update: addons install ${word} --force`,
    details: { addon: name },
  });
}

const unchanged = ({ name, source }: Job): SwapResult => ({
  addon: name,
  outcome: 'unchanged',
  source: source.path,
  released: [],
  notReleased: [],
  steps: [],
});
