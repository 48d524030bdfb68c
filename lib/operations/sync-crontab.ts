import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { AddonsError } from '../errors.ts';
import { isInstalled, readDescriptor, realRoot } from '../scripts/addon.ts';
import { crontabLine } from '../services/crontab-line.ts';
import { type Block, type BlockOwner, block, withBlock } from '../services/crontab-text.ts';
import { ownProgram } from '../services/own-program.ts';
import { runTool } from '../services/tool.ts';
import { type CrontabUser, changeCrontab, crontabOf } from '../services/user-crontab.ts';
import { markInCrontab, unmarkInCrontab } from '../state/cron-state.ts';
import { isRoot } from '../state/directory.ts';
import { isEnabled } from '../state/markers.ts';
import { prepareStore } from '../state/store.ts';
import type { Context } from './context.ts';

/**
 * Makes the crontab hold what it should of these add-ons. What is so already is not written.
 *
 * @throws {AddonsError} `io`, `permission`, `busy`, `conflict`; `malformed` for a crontab with a marker too many
 */
export async function syncCrontab(context: Context, addons: readonly string[]): Promise<void> {
  const { store, wait } = context;
  prepareStore(store);
  const user = await crontabUser(context);
  const taken: string[] = [];
  const program = programOf(context);
  for (const addon of addons) if (wantedBlock(context, addon)) await markInCrontab(store, addon, program);
  await changeCrontab(user, wait, (crontab) =>
    addons.reduce((text, addon) => {
      const wanted = wantedBlock(context, addon); // asked under the lock: it may have been disabled meanwhile
      if (wanted === undefined) taken.push(addon);
      return withBlock(text, crontabOf(user), ownerOf(context, addon), wanted);
    }, crontab),
  );
  for (const addon of taken) if (wantedBlock(context, addon) === undefined) await unmarkInCrontab(store, addon);
}

/** What the crontab should hold of the add-on. @throws {AddonsError} `malformed` for a bad `addon.toml` */
export function wantedBlock(context: Context, addon: string, program = programOf(context)): Block | undefined {
  const { store } = context;
  const { platform } = store;
  if (!isEnabled(store, addon) || !isInstalled(platform, addon)) return undefined;
  const { cron } = readDescriptor(realRoot(platform, addon));
  if (cron.length === 0) return undefined;
  const call = { program, variables: platform.variables };
  return block(
    ownerOf(context, addon),
    cron.map((job) => crontabLine(job, addon, call)),
  );
}

const programOf = ({ scripts }: Context): readonly string[] => scripts.program || ownProgram();

export const ownerOf = ({ store }: Context, addon: string): BlockOwner => ({
  addon,
  platform: resolve(store.platform.libRoot),
});

/** The platform's own user, as whom its add-ons work, also where root is at work. */
export async function crontabUser(context: Context): Promise<CrontabUser> {
  const { store, scripts } = context;
  const { libOwner, platform } = store;
  if (!ownsPlatform(context)) throw notOwn(platform.libRoot);
  const { name, home } = libOwner ? await userOf(libOwner.uid, scripts.scriptPath) : thisUser();
  const isDirectory = statSync(home, { throwIfNoEntry: false })?.isDirectory() === true;
  return {
    name,
    isOther: libOwner !== undefined,
    // Every platform of the user knows it, it is there before any of them, and nothing needs to be written in it.
    lock: isDirectory ? home : platform.libRoot,
    scratch: platform.outputs,
    path: scripts.scriptPath,
  };
}

/** Whether this is the platform's own user, or root: for others its crontab is out of sight. */
export const ownsPlatform = ({ store }: Context): boolean =>
  isRoot() || statSync(store.platform.libRoot, { throwIfNoEntry: false })?.uid === process.geteuid?.();

function thisUser(): { name: string; home: string } {
  try {
    const { username: name, homedir: home } = userInfo();
    return { name, home };
  } catch {
    return { name: String(process.geteuid?.()), home: '' }; // a user id without an entry in passwd
  }
}

async function userOf(uid: number, path: string): Promise<{ name: string; home: string }> {
  const entry = await runTool('getent', ['passwd', String(uid)], path, [0, 2]); // 2: no such user
  const [name = '', , , , , home = ''] = entry.split(':');
  if (name !== '') return { name, home };
  throw new AddonsError('io', `User ${uid}, who owns the platform, has no name and so no crontab.`, {
    hint: 'Give the platform to a user of /etc/passwd.',
  });
}

const notOwn = (libRoot: string) =>
  new AddonsError('permission', `Cron jobs are those of the owner of ${libRoot}, which this user is not.`, {
    hint: 'Run the command as that user or as root.',
  });
