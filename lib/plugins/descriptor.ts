import { configEnvironment } from '../addon/configuration.ts';
import { type Config, readConfig } from '../addon/descriptor.ts';
import { placeOf, readToml, section, wrongValue } from '../addon/toml.ts';
import { AddonsError } from '../errors.ts';
import { suggestion } from '../names.ts';

/** What `plugin.toml` says. */
export interface PluginDescriptor {
  description: string;
  version: string;
  /** Seconds that a trigger may run. */
  timeout: number;
  /** `[plugin.config]`. Values may be secret. */
  config: Config;
}

/**
 * Reads `plugin.toml`. Sections that are not known are left alone: later formats add some.
 *
 * @throws {AddonsError} `malformed` naming file, line and key
 */
export function parsePluginDescriptor(toml: string, path: string): PluginDescriptor {
  const file = readToml(toml, path);
  const plugin = section(file, ['plugin']);
  const unknown = Object.keys(plugin).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    const place = placeOf(file, ['plugin', unknown]);
    const message = `${place} has an unknown key in [plugin]: ${unknown}.${suggestion(unknown, KEYS)}`;
    throw new AddonsError('malformed', message, { hint: `Known are ${KEYS.join(', ')}.` });
  }
  const { description, version, timeout = TIMEOUT } = plugin;
  if (typeof description !== 'string') throw wrongValue(file, ['plugin', 'description'], 'one line of text');
  if (typeof version !== 'string') throw wrongValue(file, ['plugin', 'version'], 'a text such as "1.0.0"');
  if (typeof timeout !== 'number' || !(timeout > 0 && timeout <= LONGEST_TIMEOUT))
    throw wrongValue(file, ['plugin', 'timeout'], 'a positive number of seconds');
  return { description, version, timeout, config: readConfig(file, ['plugin', 'config']) };
}

/** `PLUGIN_CONFIG_<KEY>` for each value. @throws {AddonsError} `malformed`, as for an add-on's */
export const pluginConfigVariables = (config: Config): Record<string, string> =>
  Object.fromEntries(
    Object.entries(configEnvironment(config)).map(([name, value]) => [name.replace(/^ADDON_/, 'PLUGIN_'), value]),
  );

const KEYS = ['description', 'version', 'timeout', 'config'];
/** Seconds. */
const TIMEOUT = 60;
/** A longer timer fires at once. */
const LONGEST_TIMEOUT = 2_147_483;
