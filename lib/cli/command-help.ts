import type { Command } from 'commander';
import { type CommandEntry, globalOptionsOf, operandUsage } from './command-entry.ts';

/** The help text of one command. */
export async function commandHelp(entry: CommandEntry, columns: number): Promise<string> {
  const also = entry.aliases?.length ? [`Also: ${entry.aliases.map((alias) => `addons ${alias}`).join(', ')}`] : [];
  const command = (await commandOf(entry)).configureHelp({ helpWidth: Math.min(columns, 100) });
  return [command.helpInformation(), ...also, 'Examples:', ...entry.examples.map((line) => `  ${line}`), ''].join('\n');
}

async function commandOf(entry: CommandEntry): Promise<Command> {
  const { Command } = await import('commander');
  const summary = `${entry.summary.charAt(0).toUpperCase()}${entry.summary.slice(1)}.`;
  const command = new Command(`addons ${entry.name}`)
    .description(summary)
    // Behind the app, somebody else's command line begins.
    .usage(
      (entry.verbatim ? ['[options]', operandUsage(entry)] : [operandUsage(entry), '[options]']).join(' ').trimStart(),
    )
    .helpOption(false);
  if (entry.options.length > 0) command.optionsGroup('Options:');
  for (const { flags, description } of entry.options) command.option(flags, description);
  command.optionsGroup('Options of every command:');
  for (const { flags, description } of globalOptionsOf(entry)) command.option(flags, description);
  return command;
}
