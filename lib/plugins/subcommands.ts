import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from '../platform.ts';
import { findPlugins, type Plugin, programOf } from './plugin.ts';

/** What `addons PLUGIN` and `addons PLUGIN:NAME` mean. */
export interface PluginWord {
  plugin: Plugin;
  /** As it was typed: `hello` or `hello:world`. */
  word: string;
  /** `default` or `world`. */
  subcommand: string;
}

/** Undefined: no plugin directory has that name. */
export function findPluginWord(platform: Platform, word: string): PluginWord | undefined {
  const [name = '', subcommand = 'default', ...more] = word.split(':');
  if (more.length > 0) return undefined;
  const plugin = findPlugins(platform).find((one) => one.name === name);
  return plugin && { plugin, word, subcommand };
}

/** The program of a subcommand, or undefined; its `commands` may know what to do then. */
export const subcommandOf = ({ plugin, subcommand }: PluginWord) =>
  isSubcommandName(subcommand) ? programOf(plugin, join('subcommands', subcommand)) : undefined;

/** What can stand behind the colon. */
export function subcommandNames({ root }: Plugin): string[] {
  try {
    return readdirSync(join(root, 'subcommands'))
      .filter((name) => isSubcommandName(name) && name !== 'default')
      .sort();
  } catch {
    return []; // it has none
  }
}

/** Nothing that leads out of the directory. */
const isSubcommandName = (name: string): boolean => /^[A-Za-z0-9][\w.-]{0,62}$/.test(name);
