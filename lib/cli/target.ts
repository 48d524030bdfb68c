import { AddonsError } from '../errors.ts';
import { isAppName, suggestion } from '../names.ts';
import type { CommandEntry } from './command-entry.ts';
import type { Dispatch } from './dispatch.ts';
import { placeFlags } from './parse.ts';
import { openPlatformOf, readSettings, type Session } from './session.ts';
import type { Surface } from './surface.ts';

/** A command and the words for it, or why there is none. */
export type Target = { entry: CommandEntry; tokens: readonly string[] } | { unknown: AddonsError };

/** What a word means: a built-in command, else an existing app (its list). */
export async function findTarget(session: Session, { word, rest }: Dispatch): Promise<Target> {
  const { surface } = session;
  const asksHelp = word === undefined && rest.some(isHelp);
  if (asksHelp)
    return toCommand(
      surface,
      'help',
      rest.filter((token) => !isHelp(token)),
    );
  if (word === undefined) return toCommand(surface, 'list', rest);
  if (surface.find(word)) return toCommand(surface, word, rest);
  // Plugins come in here: before apps, after what is built in.
  const apps = isAppName(word) ? await appNames(session, rest) : [];
  return apps.includes(word)
    ? toCommand(surface, 'list', [...rest, word])
    : { unknown: unknownCommand(surface, word, apps) };
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

const unknownCommand = ({ verbs, spell }: Surface, word: string, apps: readonly string[]): AddonsError =>
  new AddonsError(
    'usage',
    `There is no command and no app ${JSON.stringify(word.slice(0, 80))}.${suggestion(word, [...verbs, ...apps])}`,
    { hint: spell('See: addons help') },
  );
