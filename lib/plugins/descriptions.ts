import type { Platform } from '../platform.ts';
import { ask } from './ask.ts';
import { listPathCommands, type PathCommand } from './path-commands.ts';
import { findPlugins, type Plugin, programOf } from './plugin.ts';

/** What is told of one plugin. */
export interface PluginSummary {
  name: string;
  /** A program `addons-NAME`, or a plugin directory. */
  kind: 'command' | 'directory';
  path: string;
  /** One line. */
  description?: string;
  version?: string;
  /** Why it has no description, or is not run. */
  problem?: string;
}

/** Where the programs among plugins are looked for, and what they see. */
export interface PluginPlace {
  platform: Platform;
  /** `PATH` of the caller. */
  path: string | undefined;
  cwd: string;
  env: Readonly<Record<string, string>>;
  /** Of a plugin directory's program. */
  envOf: (plugin: Plugin) => Readonly<Record<string, string>>;
}

/** All plugins, commands first, each by name; the commands are asked for their descriptions all at once. */
export async function summariesOf({ platform, path, cwd, env }: PluginPlace): Promise<PluginSummary[]> {
  const commands = await Promise.all(listPathCommands(path).map((command) => describe(command, cwd, env)));
  return [...commands, ...findPlugins(platform).map(summaryOf)];
}

/** Lines `name <args>, description` of one kind of help: of all `commands` that have any. */
export async function helpLinesOf({ platform, cwd, envOf }: PluginPlace): Promise<HelpLine[]> {
  const lines = await Promise.all(
    findPlugins(platform).map(async (plugin) => {
      const commands = programOf(plugin, 'commands');
      if (commands === undefined || commands.problem) return [];
      const reply = await ask({ path: commands.path, args: ['help'], env: envOf(plugin), cwd });
      return 'text' in reply && reply.exit === 0 ? reply.text.split('\n').flatMap(helpLine) : [];
    }),
  );
  return lines.flat().sort((a, b) => (a.usage < b.usage ? -1 : a.usage > b.usage ? 1 : 0));
}

export interface HelpLine {
  usage: string;
  description: string;
}

/** Cut at its first comma. */
function helpLine(line: string): HelpLine[] {
  const [usage = '', ...rest] = line.split(',');
  return usage.trim() === '' ? [] : [{ usage: usage.trim(), description: rest.join(',').trim() }];
}

async function describe({ name, path }: PathCommand, cwd: string, env: PluginPlace['env']): Promise<PluginSummary> {
  const reply = await ask({ path, args: ['--description'], env, cwd });
  const about = { name, kind: 'command' as const, path };
  if ('failure' in reply) return { ...about, problem: reply.failure };
  if (reply.exit !== 0) return { ...about, problem: `ended with exit status ${reply.exit}` };
  const [first = ''] = reply.text.trim().split('\n');
  return first === '' ? { ...about, problem: 'said nothing' } : { ...about, description: first };
}

const summaryOf = ({ name, root, descriptor, problem }: Plugin): PluginSummary => ({
  name,
  kind: 'directory',
  path: root,
  ...(descriptor && { description: descriptor.description, version: descriptor.version }),
  ...(problem !== undefined && { problem }),
});
