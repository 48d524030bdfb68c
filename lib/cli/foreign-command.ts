import { join } from 'node:path';
import { AddonsError } from '../errors.ts';
import { checkAppName, suggestion } from '../names.ts';
import { describePlatform, type Platform } from '../platform.ts';
import { findPathCommand, listPathCommands } from '../plugins/path-commands.ts';
import { findPlugins, NOT_IMPLEMENTED, type Plugin, pluginVariables, programOf } from '../plugins/plugin.ts';
import { findPluginWord, type PluginWord, subcommandNames, subcommandOf } from '../plugins/subcommands.ts';
import { functionsVariable, traceVariables } from '../scripts/environment.ts';
import type { CommandEntry } from './command-entry.ts';
import type { Dispatch } from './dispatch.ts';
import { parse, placeFlags } from './parse.ts';
import { readSettings, type Session } from './session.ts';
import { usedApp, usedAppPlace } from './used-app.ts';

// Commands that others brought: plugin directories, and programs addons-NAME in PATH. They have the terminal, and words of
// theirs are passed on as they are.

/** A word that is no command of ours, with all that a command of others needs to know. */
export interface ForeignWord {
  word: string;
  /** Those behind it, without `--app`. */
  words: readonly string[];
  /** Those before it: options of ours. */
  before: readonly string[];
  platform: Platform;
  session: Pick<Session, 'io' | 'report'>;
  /** Variables over those of the caller. */
  variables: Readonly<Record<string, string>>;
}

/** Exit status, or why there is none: nobody knows the word. */
export type ForeignCommand = () => Promise<number | AddonsError>;

/** @throws {AddonsError} `usage`, and `malformed` for a settings file that cannot be understood */
export async function readForeignWord(
  session: Session,
  { word = '', rest, before: count }: Dispatch,
): Promise<ForeignWord> {
  const before = rest.slice(0, count);
  const flags = placeFlags(before);
  const { app, words } = takeApp(rest.slice(count));
  const settings = await readSettings(session, flags);
  const platform = describePlatform({ ...settings.paths, shipped: join(session.io.program.root, 'addons') });
  const place = usedAppPlace(session.io.env, settings.paths);
  const asksHelp = words.length === 1 && ['--help', '--description'].includes(words[0] ?? '');
  const isNamed = flags.home !== undefined || flags.platform !== undefined;
  const variables = {
    ...(isNamed && platform.variables),
    ...(flags.trace && traceVariables(platform)),
    [place.variable]: asksHelp ? '' : (app ?? flags.app ?? usedApp(place, session.report.warn)?.app ?? ''),
  };
  return { word, words, before, platform, session, variables };
}

/** What runs the word: a plugin directory, else a program in `PATH`. Undefined: neither has its name. */
export function findForeign(foreign: ForeignWord): ForeignCommand | undefined {
  const found = findPluginWord(foreign.platform, foreign.word);
  const command = found ? undefined : findPathCommand(foreign.word, foreign.session.io.env.PATH);
  if (found) checkOptions(foreign);
  if (found) return ofDirectory(foreign, found);
  if (command === undefined) return undefined;
  checkOptions(foreign);
  return () => runForeign(foreign, command.path, foreign.words);
}

/** Asks each plugin's `commands`, in the order of their names, whether the word is its own. Undefined: it is nobody's. */
export async function askCommands(foreign: ForeignWord): Promise<number | undefined> {
  for (const plugin of findPlugins(foreign.platform)) {
    const status = await runCommands(foreign, plugin);
    if (status !== undefined) return status;
  }
  return undefined;
}

/** The help of a word of others, from themselves. Undefined: it is nobody's. */
export async function showForeignHelp(foreign: ForeignWord): Promise<number | AddonsError | undefined> {
  const plugin = findPluginWord(foreign.platform, foreign.word)?.plugin;
  const asked = { ...foreign, word: `${plugin?.name}:help`, words: [] };
  const status = plugin && plugin.problem === undefined ? await runCommands(asked, plugin) : undefined;
  return status ?? findForeign({ ...foreign, words: ['--help'] })?.();
}

/** All names that would have been one. */
export const foreignNames = ({ platform, session }: ForeignWord): string[] =>
  [...findPlugins(platform), ...listPathCommands(session.io.env.PATH)].map(({ name }) => name);

/** Runs a program in the foreground and gives its exit status. */
export async function runForeign(
  { session: { io, report }, variables }: Pick<ForeignWord, 'session' | 'variables'>,
  program: string,
  words: readonly string[],
): Promise<number> {
  const ended = await io.foreground({ program, words, path: io.env.PATH, env: { ...io.env, ...variables } });
  if (typeof ended === 'number') return ended;
  report.error(ended.error);
  return ended.status;
}

/** Of a plugin directory's program. */
export const variablesOf = (
  { platform, variables }: Pick<ForeignWord, 'platform' | 'variables'>,
  plugin: Plugin,
): Record<string, string> => ({
  ...variables,
  ...functionsVariable(platform),
  ADDONS_PLATFORM: platform.name,
  ...pluginVariables(plugin, platform),
});

/** @throws {AddonsError} `malformed` for a plugin that cannot be understood, `permission` for what is not to be run */
function ofDirectory(foreign: ForeignWord, found: PluginWord): ForeignCommand {
  const { plugin } = found;
  if (plugin.problem !== undefined) throw new AddonsError('malformed', plugin.problem);
  const program = subcommandOf(found);
  if (program?.problem) throw new AddonsError('permission', program.problem.message);
  if (program)
    return () => runForeign({ ...foreign, variables: variablesOf(foreign, plugin) }, program.path, foreign.words);
  return async () => (await runCommands(foreign, plugin)) ?? noSubcommand(found);
}

/** Undefined: it says that this is not its own, or it has no `commands` that can be run. */
async function runCommands(foreign: ForeignWord, plugin: Plugin): Promise<number | undefined> {
  const commands = programOf(plugin, 'commands');
  if (commands === undefined || commands.problem) return undefined;
  const words = [foreign.word, ...foreign.words];
  const status = await runForeign({ ...foreign, variables: variablesOf(foreign, plugin) }, commands.path, words);
  return status === NOT_IMPLEMENTED ? undefined : status;
}

/** Of our options only those that say where and for whom: any other would be lost without a word. */
function checkOptions({ word, before }: ForeignWord): void {
  const entry: CommandEntry = {
    name: word,
    group: '',
    summary: '',
    operands: [],
    options: [],
    examples: [],
    load: none,
  };
  const { home, platform, app, trace, ...others } = parse(entry, before).flags;
  if (Object.keys(others).length === 0) return;
  throw new AddonsError('usage', `Options that stand before ${word} are not for it: ${before.join(' ')}`, {
    hint: `Its own stand behind its name: addons ${word} --help`,
  });
}

const none = () => Promise.reject(new TypeError('It is no command of ours'));

/** `--app NAME` and `--app=NAME`, up to a `--`: the last one counts. @throws {AddonsError} `usage` */
function takeApp(tokens: readonly string[]): { app: string | undefined; words: string[] } {
  const words: string[] = [];
  let app: string | undefined;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? '';
    if (token === '--') return { app, words: [...words, ...tokens.slice(at)] };
    if (token.startsWith('--app=')) app = checkAppName(token.slice('--app='.length));
    else if (token === '--app') app = checkAppName(tokens[++at] ?? '');
    else words.push(token);
  }
  return { app, words };
}

function noSubcommand({ plugin, word, subcommand }: PluginWord): AddonsError {
  const names = subcommandNames(plugin);
  const near = subcommand === 'default' ? '' : suggestion(subcommand, names);
  const hint = names.length > 0 ? `It has: ${names.map((name) => `${plugin.name}:${name}`).join(', ')}.` : undefined;
  return new AddonsError('usage', `The plugin ${plugin.name} has no command ${word}.${near}`, { hint });
}
