import { AddonsError } from '../../errors.ts';
import { suggestion } from '../../names.ts';
import type { Answer, Call, Command } from '../call.ts';
import { type CommandEntry, operandUsage } from '../command-entry.ts';
import { commandHelp } from '../command-help.ts';
import { COMMANDS, findCommand, VERBS } from '../commands.ts';
import { GLOBAL_OPTIONS, type OptionEntry } from '../options.ts';

/** `addons help [command | plugins]` */
export const help: Command = async (call) => {
  const verb = call.one('command');
  if (verb === undefined) {
    await call.print(overview(call.json ? '' : await commandsOfPlugins(call)));
    return { result: { commands: COMMANDS.map(commandDocument) } };
  }
  if (verb === 'plugins') return helpPlugins(call);
  const entry = findCommand(verb.replace(/^addons:/, ''));
  if (!entry) return helpForeign(call, verb.replace(/^addons:/, ''));
  await call.print(await commandHelp(entry, call.io.columns));
  return { result: { commands: [commandDocument(entry)] } };
};

async function helpPlugins(call: Call): Promise<Answer> {
  const [{ summariesOf }, { pluginPlaceOf, pluginsText }] = await loadPlugins();
  const place = await pluginPlaceOf(call);
  const plugins = await summariesOf(place);
  await call.print(pluginsText(place, plugins));
  return { result: { plugins } };
}

/** Where settings cannot be read, the help of what is built in is all the more wanted. */
async function commandsOfPlugins(call: Call): Promise<string> {
  try {
    const [{ helpLinesOf }, { pluginCommandsText, pluginPlaceOf }] = await loadPlugins();
    const lines = await helpLinesOf(await pluginPlaceOf(call));
    return lines.length > 0 ? pluginCommandsText(lines) : '';
  } catch (error) {
    if (error instanceof AddonsError) return '';
    throw error;
  }
}

const loadPlugins = () => Promise.all([import('../../plugins/descriptions.ts'), import('../plugin-help.ts')]);

async function helpForeign(call: Call, word: string): Promise<Answer> {
  const [{ foreignNames, showForeignHelp }, { pluginPlaceOf }] = await Promise.all([
    import('../foreign-command.ts'),
    import('../plugin-help.ts'),
  ]);
  const { platform } = await pluginPlaceOf(call);
  const variables = { [call.usedApp.variable]: '' };
  const foreign = { word, words: [], before: [], platform, session: call, variables };
  const names = foreignNames(foreign);
  if (call.json && names.includes(word.split(':')[0] ?? '')) {
    throw new AddonsError('usage', `The help of ${word} is its own, and no JSON.`, { hint: 'Leave out --json.' });
  }
  const status = call.json ? undefined : await showForeignHelp(foreign);
  if (typeof status === 'number') return { result: {}, status };
  const near = suggestion(word, [...VERBS, ...names]);
  throw new AddonsError('usage', `There is no command ${JSON.stringify(word)}.${near}`, { hint: 'See: addons help' });
}

/** All commands in groups, within 80 columns, and those of plugins. */
export function overview(plugins = ''): string {
  const groups = new Map<string, CommandEntry[]>();
  for (const entry of COMMANDS) groups.set(entry.group, [...(groups.get(entry.group) ?? []), entry]);
  return [
    'Usage: addons <command> [options]     addons <app>     addons -a',
    '',
    ...[...groups].flatMap(([group, entries]) => [`${group}:`, ...entries.map(commandLine), '']),
    `${plugins}Options of every command:`,
    ...GLOBAL_OPTIONS.map(optionLine),
    '',
    'More about one command: addons help <command>     Plugins: addons help plugins',
    '',
  ].join('\n');
}

const commandLine = (entry: CommandEntry): string =>
  `  ${`${entry.name} ${operandUsage(entry)}`.padEnd(28)} ${entry.summary}`;

const optionLine = ({ flags, description }: OptionEntry): string => `  ${flags.padEnd(20)} ${description}`;

const commandDocument = ({ name, aliases = [], group, summary, operands, options, examples }: CommandEntry) => ({
  name,
  aliases,
  group,
  summary,
  operands: operands.map(({ name, optional, many }) => ({
    name,
    ...(optional && { optional }),
    ...(many && { many }),
  })),
  options: [...options, ...GLOBAL_OPTIONS].map(({ flags, description }) => ({ flags, description })),
  examples,
});
