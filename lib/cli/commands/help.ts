import { AddonsError } from '../../errors.ts';
import { suggestion } from '../../names.ts';
import type { Command } from '../call.ts';
import { type CommandEntry, operandUsage } from '../command-entry.ts';
import { commandHelp } from '../command-help.ts';
import { COMMANDS, findCommand, VERBS } from '../commands.ts';
import { GLOBAL_OPTIONS, type OptionEntry } from '../options.ts';

/** `addons help [command]` */
export const help: Command = async (call) => {
  const verb = call.one('command');
  if (verb === undefined) {
    await call.print(overview());
    return { result: { commands: COMMANDS.map(commandDocument) } };
  }
  const entry = findCommand(verb.replace(/^addons:/, ''));
  if (!entry) {
    const near = suggestion(verb, VERBS);
    throw new AddonsError('usage', `There is no command ${JSON.stringify(verb)}.${near}`, { hint: 'See: addons help' });
  }
  await call.print(await commandHelp(entry, call.io.columns));
  return { result: { commands: [commandDocument(entry)] } };
};

/** All commands in groups, within 80 columns. */
export function overview(): string {
  const groups = new Map<string, CommandEntry[]>();
  for (const entry of COMMANDS) groups.set(entry.group, [...(groups.get(entry.group) ?? []), entry]);
  return [
    'Usage: addons <command> [options]     addons <app>     addons -a',
    '',
    ...[...groups].flatMap(([group, entries]) => [`${group}:`, ...entries.map(commandLine), '']),
    'Options of every command:',
    ...GLOBAL_OPTIONS.map(optionLine),
    '',
    'More about one command: addons help <command>',
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
