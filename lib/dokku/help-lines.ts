import { type CommandEntry, operandUsage } from '../cli/command-entry.ts';
import { dokkuEntries } from './surface.ts';

const entries = dokkuEntries();

/** The plugin's subcommands; `list` is its default one. */
export const names: readonly string[] = entries.map(({ name }) => name);

/** What `dokku help --all` shows. Dokku makes two columns at the comma, so there is one in each line. */
export const helpLines: string = entries.map((entry) => `    ${usage(entry)}, ${summary(entry)}\n`).join('');

function usage(entry: CommandEntry): string {
  return `addons${entry.name === 'list' ? '' : `:${entry.name}`} ${operandUsage(entry)}`.trimEnd();
}

function summary({ summary }: CommandEntry): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}`.replaceAll(',', ';');
}
