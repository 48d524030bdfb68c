import { AddonsError } from '../errors.ts';
import { suggestion } from '../names.ts';
import { needSupervisor } from '../services/supervisor.ts';
import { SETS, unitsOf } from '../services/unit.ts';
import { installedAddon } from './addons.ts';
import type { Context } from './context.ts';
import type { DaemonLogLine, DaemonLogOptions } from './results.ts';

/**
 * What the daemons of an add-on wrote, also those that have ended since, by its time. It is theirs: it may hold secrets.
 *
 * @throws {AddonsError} `addon-not-found`; `usage` for a daemon that it does not declare; `io` without a supervisor
 */
export async function* logs(
  context: Context,
  name: string,
  { daemon, lines = 50, follow = false }: DaemonLogOptions = {},
): AsyncGenerator<DaemonLogLine> {
  const { platform } = context.store;
  const addon = installedAddon(context, name);
  const known = Object.keys(addon.descriptor.daemons);
  if (known.length === 0 || (daemon !== undefined && !known.includes(daemon))) throw noDaemon(name, daemon, known);
  const supervisor = needSupervisor(platform, context.scripts.scriptPath, name);
  const units = SETS.flatMap((set) => unitsOf(platform, addon, set));
  const chosen = units.filter((unit) => daemon === undefined || unit.daemon === daemon);
  yield* supervisor.log(chosen, { lines, follow, signal: context.signal });
}

const noDaemon = (addon: string, daemon: string | undefined, known: readonly string[]) =>
  new AddonsError(
    'usage',
    known.length === 0
      ? `${addon} declares no daemons.`
      : `${addon} declares no daemon ${JSON.stringify(daemon)}.${suggestion(daemon ?? '', known)}`,
    {
      hint: known.length === 0 ? 'See docs/services.md.' : `Declared are ${known.join(', ')}.`,
      details: { addon },
    },
  );
