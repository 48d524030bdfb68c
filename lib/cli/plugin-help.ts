import type { HelpLine, PluginPlace, PluginSummary } from '../plugins/descriptions.ts';
import type { Call } from './call.ts';
import { VERBS } from './commands.ts';
import { variablesOf } from './foreign-command.ts';
import { table } from './table.ts';
import { visible } from './visible-text.ts';

/** Where plugins are on the platform that the command line names. They see no app while they are only asked for help. */
export async function pluginPlaceOf(call: Call): Promise<PluginPlace> {
  const { platform } = (await call.elsewhere(call.flags)).addons;
  const variables = { [call.usedApp.variable]: '' };
  const given = Object.entries(call.io.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const env = { ...Object.fromEntries(given), ...variables };
  return {
    platform,
    path: call.io.env.PATH,
    cwd: call.io.cwd,
    env,
    envOf: (plugin) => ({ ...env, ...variablesOf({ platform, variables }, plugin) }),
  };
}

/** Lines for the overview, aligned on what was the comma. */
export function pluginCommandsText(lines: readonly HelpLine[]): string {
  const width = Math.max(28, ...lines.map(({ usage }) => usage.length));
  const texts = lines.map(({ usage, description }) => `  ${usage.padEnd(width)} ${description}`.trimEnd());
  return ['Plugins:', ...texts.map(visible), '', ''].join('\n');
}

/** `addons help plugins` */
export function pluginsText({ platform }: PluginPlace, plugins: readonly PluginSummary[]): string {
  const directories = platform.plugins.join(' and ');
  return [
    'Plugins add commands. There are two kinds:',
    '',
    '- A program addons-NAME in a directory of PATH is the command NAME: addons NAME',
    '  runs it, with all words that follow. Of two of one name the first in PATH',
    '  counts. With --description it says in one line what it does, and with --help',
    '  more: addons help NAME.',
    `- A directory in ${directories} with a`,
    '  plugin.toml has commands NAME and NAME:SUBCOMMAND, and triggers that are run',
    '  before and after what is done.',
    '',
    'What is built in is never replaced. How to make one: docs/plugins.md.',
    '',
    plugins.length === 0
      ? 'No plugins found.\n'
      : table(['PLUGIN', 'VERSION', 'DESCRIPTION', 'PATH'], plugins.map(cells)),
  ].join('\n');
}

const cells = ({ name, version, description, problem, path }: PluginSummary): string[] => [
  name,
  version ?? '-',
  [description, problem && `(${problem})`, isShadowed(name) && '(not run: that is a built-in command)']
    .filter(Boolean)
    .join(' '),
  path,
];

const isShadowed = (name: string): boolean => VERBS.includes(name);
