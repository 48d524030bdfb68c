import { AddonsError } from '../errors.ts';
import { isAppName, suggestion } from '../names.ts';
import { findPathCommand } from '../plugins/path-commands.ts';
import type { CommandEntry } from './command-entry.ts';
import type { Dispatch } from './dispatch.ts';
import type { ForeignCommand } from './foreign-command.ts';
import { placeFlags } from './parse.ts';
import { openPlatformOf, readSettings, type Session } from './session.ts';
import type { Surface } from './surface.ts';

/** A command of ours and the words for it, one of others, or why there is none. */
export type Target =
  | { entry: CommandEntry; tokens: readonly string[] }
  | { foreign: ForeignCommand }
  | { unknown: AddonsError };

/**
 * What a word means: a built-in command, else a plugin directory, else `addons-WORD` in `PATH`, else an existing app (its list),
 * else what a plugin's `commands` makes of it.
 */
export async function findTarget(session: Session, dispatched: Dispatch): Promise<Target> {
  const { word, rest } = dispatched;
  const { surface } = session;
  const asksHelp = word === undefined && rest.some(isHelp);
  if (asksHelp)
    return toCommand(
      surface,
      'help',
      rest.filter((token) => !isHelp(token)),
    );
  if (word === undefined) return toCommand(surface, 'list', rest);
  if (surface.find(word)) {
    warnOfShadowed(session, word);
    return toCommand(surface, word, rest);
  }
  // Loaded for words that are not ours only.
  const { readForeignWord, findForeign, askCommands, foreignNames } = await import('./foreign-command.ts');
  const foreign = await readForeignWord(session, dispatched);
  const command = findForeign(foreign);
  if (command) return { foreign: command };
  const apps = isAppName(word) ? await appNames(session, rest) : [];
  if (apps.includes(word)) return toCommand(surface, 'list', [...rest, word]);
  const known = [...apps, ...foreignNames(foreign)];
  return { foreign: async () => (await askCommands(foreign)) ?? unknownCommand(surface, word, known) };
}

/** Somebody may have installed it to be run. */
function warnOfShadowed({ io, report, surface }: Session, verb: string): void {
  const shadowed = surface.find(verb)?.hidden ? undefined : findPathCommand(verb, io.env.PATH);
  if (shadowed) report.warn(`${shadowed.path} is not run: ${verb} is a built-in command.`);
}

const isHelp = (token: string) => token === '-h' || token === '--help';

function toCommand(surface: Surface, verb: string, tokens: readonly string[]): Target {
  const entry = surface.find(verb);
  return entry ? { entry, tokens } : { unknown: unknownCommand(surface, verb, []) };
}

/** @throws {AddonsError} where the apps cannot be read: whether the word is one is not known then */
async function appNames(session: Session, rest: readonly string[]): Promise<string[]> {
  const addons = await openPlatformOf(session, await readSettings(session, placeFlags(rest)));
  return addons.apps();
}

const unknownCommand = ({ verbs, spell }: Surface, word: string, others: readonly string[]): AddonsError =>
  new AddonsError(
    'usage',
    `There is no command and no app ${JSON.stringify(word.slice(0, 80))}.${suggestion(word, [...verbs, ...others])}`,
    { hint: spell('See: addons help') },
  );
