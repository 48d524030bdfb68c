import { existsSync } from 'node:fs';
import { AddonsError } from '../../errors.ts';
import { type Block, blocksIn, isOf } from '../../services/crontab-text.ts';
import { crontabOf, readCrontab } from '../../services/user-crontab.ts';
import { inCrontab, programInCrontab } from '../../state/cron-state.ts';
import { isEnabled } from '../../state/markers.ts';
import { installedNames } from '../addons.ts';
import type { Context } from '../context.ts';
import type { Finding } from '../results.ts';
import { crontabUser, ownerOf, ownsPlatform, wantedBlock } from '../sync-crontab.ts';

/** Cron jobs that the crontab lacks, has otherwise, or has of an add-on that is not enabled. Without jobs nothing is read. */
export async function checkCrontab(context: Context): Promise<Finding[]> {
  const { store, scripts } = context;
  if (scripts.program === false || !ownsPlatform(context)) return [];
  const wanted = wantedBlocks(context);
  const marked = inCrontab(store);
  if (wanted.size + marked.length === 0) return [];
  try {
    const user = await crontabUser(context);
    const found = blocksIn(await readCrontab(user), crontabOf(user));
    const own = found.filter(({ platform }) => platform === ownerOf(context, '').platform);
    const names = new Set([...wanted.keys(), ...marked, ...own.map(({ addon }) => addon)]);
    return [...names].sort().flatMap((addon) => compare(context, addon, wanted.get(addon), own, crontabOf(user)));
  } catch (error) {
    if (!(error instanceof AddonsError)) throw error;
    const { message, hint } = error;
    return [{ kind: 'crontab', severity: 'error', message, ...(hint && { hint }) }];
  }
}

/** Of an `addon.toml` that cannot be read nothing is known: that is told of elsewhere. */
const wantedBlocks = (context: Context): Map<string, Block | 'unknown'> =>
  new Map(
    installedNames(context.store.platform)
      .filter((name) => isEnabled(context.store, name))
      .flatMap((name): [string, Block | 'unknown'][] => {
        try {
          const block = wantedBlock(context, name, programThere(context, name));
          return block === undefined ? [] : [[name, block]];
        } catch (error) {
          if (error instanceof AddonsError) return [[name, 'unknown']];
          throw error;
        }
      }),
  );

/** The program that the crontab starts, as long as it is there: another copy of it, or another Node, is no drift. */
function programThere({ store }: Context, addon: string): string[] | undefined {
  const program = programInCrontab(store, addon);
  return program?.every((path) => existsSync(path)) ? program : undefined;
}

function compare(
  context: Context,
  addon: string,
  wanted: Block | 'unknown' | undefined,
  own: readonly Block[],
  crontab: string,
): Finding[] {
  if (wanted === 'unknown') return [];
  const found = own.filter((one) => isOf(one, ownerOf(context, addon)));
  const drift = (what: string): Finding[] => [
    { kind: 'crontab', severity: 'error', message: what, hint: 'addons check --fix', addon },
  ];
  if (wanted === undefined)
    return found.length > 0 ? drift(`${addon} is not enabled, but ${crontab} has jobs of it.`) : [];
  if (found.length === 0) return drift(`The jobs of ${addon} are not in ${crontab}.`);
  const isSo = found.length === 1 && found[0]?.text === wanted.text;
  return isSo ? [] : drift(`The jobs of ${addon} in ${crontab} are other than they should be.`);
}
