import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AddonsError, systemCode } from '../errors.ts';
import { isAddonName, variablePrefix } from '../names.ts';
import type { Platform } from '../platform.ts';
import { foreignWriterOf } from '../scripts/foreign-writer.ts';
import { type PluginDescriptor, parsePluginDescriptor, pluginConfigVariables } from './descriptor.ts';

/** A plugin directory. */
export interface Plugin {
  name: string;
  /** Absolute. */
  root: string;
  /** Undefined where there is a problem. */
  descriptor: PluginDescriptor | undefined;
  /** Why nothing of it is run, as a sentence. */
  problem: string | undefined;
}

/** Exit status of a plugin's `commands` for what is not its own. */
export const NOT_IMPLEMENTED = 10;

/** All plugin directories, in the order of their names; of two of one name the operator's own. */
export function findPlugins({ plugins }: Platform): Plugin[] {
  const found = new Map<string, Plugin>();
  for (const directory of plugins) {
    for (const name of directoriesIn(directory)) {
      if (!found.has(name)) found.set(name, load(name, join(directory, name)));
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A file of a plugin that may be run: its path, or why it is not. Undefined: it has no such file. */
export function programOf(plugin: Plugin, name: string): { path: string; problem?: ProgramProblem } | undefined {
  const path = join(plugin.root, name);
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return { path, problem: { kind: 'no-program', message: `${path} is no regular file.` } };
    if ((stat.mode & 0o111) === 0)
      return { path, problem: { kind: 'no-program', message: `${path} is not executable. Run: chmod +x ${path}` } };
    const writer = plugin.problem ?? writerOf(path);
    return writer === undefined ? { path } : { path, problem: { kind: 'refused', message: writer } };
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ENOTDIR') throw error;
    return isLink(plugin.root, name)
      ? { path, problem: { kind: 'no-program', message: `${path} is a link that leads nowhere.` } }
      : undefined;
  }
}

/** `no-program`: it is passed over. `refused`: it is not to be run, and nothing may go on as if it had been. */
export interface ProgramProblem {
  kind: 'no-program' | 'refused';
  message: string;
}

/** What every program of a plugin gets beside its surroundings. */
export function pluginVariables({ name, root, descriptor }: Plugin, platform: Platform): Record<string, string> {
  return {
    ...pluginConfigVariables(descriptor?.config ?? {}),
    PLUGIN: name,
    PLUGIN_ROOT: root,
    [`${variablePrefix(platform.name)}_NOT_IMPLEMENTED_EXIT`]: String(NOT_IMPLEMENTED),
  };
}

function load(name: string, root: string): Plugin {
  const path = join(root, 'plugin.toml');
  try {
    const writer = foreignWriterOf(path);
    if (writer !== undefined)
      return { name, root, descriptor: undefined, problem: `The plugin ${name} is not run: ${writer}.` };
    const descriptor = parsePluginDescriptor(readFileSync(path, 'utf8'), path);
    pluginConfigVariables(descriptor.config); // throws for keys that no variable could have
    return { name, root, descriptor, problem: undefined };
  } catch (error) {
    const why = systemCode(error) === 'ENOENT' ? `${path} is missing.` : messageOf(error);
    return { name, root, descriptor: undefined, problem: `The plugin ${name} is not run: ${why}` };
  }
}

function writerOf(path: string): string | undefined {
  const writer = foreignWriterOf(path);
  return writer && `${path} is not run: ${writer}.`;
}

const messageOf = (error: unknown): string =>
  error instanceof AddonsError ? [error.message, error.hint].filter(Boolean).join(' ') : String(error);

const isLink = (root: string, name: string): boolean => namesIn(root).includes(name);

function directoriesIn(directory: string): string[] {
  return namesIn(directory).filter(
    (name) => isAddonName(name) && statSync(join(directory, name), { throwIfNoEntry: false })?.isDirectory(),
  );
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // not there, or not ours to look into: nothing is to be found
  }
}
