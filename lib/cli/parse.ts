import { Command, CommanderError } from 'commander';
import { AddonsError } from '../errors.ts';
import { suggestion } from '../names.ts';
import { type CommandEntry, operandUsage } from './commands.ts';
import { type Flags, GLOBAL_OPTIONS, namesOf, type OptionEntry } from './options.ts';

/** A command line taken apart. */
export interface Parsed {
  flags: Flags;
  /** Words for each operand of the command, by name. */
  operands: Map<string, string[]>;
}

/** @throws {AddonsError} `usage`: an unknown option, a missing or an excess word; nothing is missed beside `--help` */
export function parse(entry: CommandEntry, tokens: readonly string[]): Parsed {
  const command = commandOf(entry);
  try {
    command.parse(tokens, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) throw usageError(entry, error, tokens);
    throw error;
  }
  const flags = command.opts<Flags>();
  return { flags, operands: flags.help || flags.version ? new Map() : distribute(entry, command.args, flags) };
}

/** Only the global options, of words whose command is not known yet. */
export function placeFlags(tokens: readonly string[]): Flags {
  const command = withGlobalOptions(new Command()).allowUnknownOption(true).allowExcessArguments(true);
  try {
    return command
      .helpOption(false)
      .exitOverride()
      .configureOutput(SILENT)
      .parse(tokens, { from: 'user' })
      .opts<Flags>();
  } catch (error) {
    if (error instanceof CommanderError) return {};
    throw error;
  }
}

/** The help text of one command. */
export function commandHelp(entry: CommandEntry, columns: number): string {
  const also = entry.aliases?.length ? [`Also: ${entry.aliases.map((alias) => `addons ${alias}`).join(', ')}`] : [];
  const command = commandOf(entry).configureHelp({ helpWidth: Math.min(columns, 100) });
  return [command.helpInformation(), ...also, 'Examples:', ...entry.examples.map((line) => `  ${line}`), ''].join('\n');
}

function commandOf(entry: CommandEntry): Command {
  const summary = `${entry.summary.charAt(0).toUpperCase()}${entry.summary.slice(1)}.`;
  const command = new Command(`addons ${entry.name}`)
    .description(summary)
    .usage(`${operandUsage(entry)} [options]`.trimStart())
    .helpOption(false)
    .allowExcessArguments(true)
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureOutput(SILENT);
  if (entry.options.length > 0) command.optionsGroup('Options:');
  for (const { flags, description } of entry.options) command.option(flags, description);
  return withGlobalOptions(command.optionsGroup('Options of every command:'));
}

function withGlobalOptions(command: Command): Command {
  for (const { flags, description } of GLOBAL_OPTIONS) command.option(flags, description);
  return command;
}

// Errors are told once, in the words of this tool.
const SILENT = { writeOut: () => {}, writeErr: () => {} };

function usageError(entry: CommandEntry, error: CommanderError, tokens: readonly string[]): AddonsError {
  const hint = `See: addons help ${entry.name}`;
  if (error.code !== 'commander.unknownOption') {
    return new AddonsError('usage', sentence(error.message.replace(/^error: /, '')), { hint });
  }
  const unknown = /'(.*)'/s.exec(error.message)?.[1] ?? tokens[0] ?? '';
  const known = [...entry.options, ...GLOBAL_OPTIONS].flatMap((option: OptionEntry) => namesOf(option));
  return new AddonsError(
    'usage',
    `addons ${entry.name} has no option ${unknown}.${suggestion(unknown.replace(/=.*/s, ''), known)}`,
    { hint },
  );
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`.replace(/\.\.$/, '.');

function distribute(entry: CommandEntry, words: readonly string[], { app }: Flags): Map<string, string[]> {
  const operands = new Map<string, string[]>();
  const left = [...words];
  if (app !== undefined && !entry.operands.some(({ name }) => name === 'app')) {
    throw new AddonsError('usage', `addons ${entry.name} takes no app.`, { hint: 'Leave out --app.' });
  }
  for (const { name, many, optional } of entry.operands) {
    const taken = name === 'app' && app !== undefined ? [app] : left.splice(0, many ? left.length : 1);
    if (taken.length === 0 && !optional) throw missing(entry, name);
    operands.set(name, taken);
  }
  if (left.length > 0) {
    throw new AddonsError('usage', `addons ${entry.name} does not know what to do with "${left.join(' ')}".`, {
      hint: usageLine(entry),
    });
  }
  return operands;
}

const missing = (entry: CommandEntry, name: string): AddonsError =>
  new AddonsError('usage', `addons ${entry.name} needs ${/^[aeiou]/.test(name) ? 'an' : 'a'} <${name}>.`, {
    hint: usageLine(entry),
  });

const usageLine = (entry: CommandEntry): string => `Usage: addons ${entry.name} ${operandUsage(entry)}`.trimEnd();
