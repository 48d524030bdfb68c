import { AddonsError } from '../errors.ts';
import { suggestion } from '../names.ts';
import { redactUrls } from './contract.ts';
import { type ConfigValue, type Descriptor, parseToml, readConfig } from './descriptor.ts';
import { NO_PROCESSORS, type ProcessorSections, readProcessors } from './processors.ts';

export type Config = Record<string, ConfigValue>;

/** An add-on's configuration as its operator has it. */
export interface Configured {
  config: Config;
  /** Keys of `config` that the operator's file sets. */
  overridden: string[];
  /** What that file says of processors. */
  processors: ProcessorSections;
}

/**
 * The add-on's defaults with the operator's overrides, a TOML document with a `[config]` section, over them.
 *
 * @param path of the overrides, for messages only
 * @throws {AddonsError} `malformed` for keys that the add-on does not declare or that start with `_`, for values of
 * another type than the default's, and for anything outside of `[config]` and `[processors.NAME]`
 */
export function mergeConfig(descriptor: Descriptor, overridesToml: string | undefined, path: string): Configured {
  if (overridesToml === undefined)
    return { config: { ...descriptor.config }, overridden: [], processors: NO_PROCESSORS };
  const document = parseToml(overridesToml, path);
  const overrides = readOverrides(descriptor, document, path);
  return {
    config: { ...descriptor.config, ...overrides },
    overridden: Object.keys(overrides),
    processors: readProcessors(document, path),
  };
}

/**
 * What the scripts get: `ADDON_CONFIG_<KEY>`, in upper case with `_` for every other character; `1` and `0` for booleans.
 *
 * @throws {AddonsError} `malformed` for a value with a NUL or a line break, and for two keys of one variable
 */
export function configEnvironment(config: Config): Record<string, string> {
  const keys = new Map<string, string>();
  for (const [key, value] of Object.entries(config)) {
    const name = `ADDON_CONFIG_${key.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
    const other = keys.get(name);
    if (other !== undefined) {
      throw malformed(`The configuration keys ${other} and ${key} both give ${name}.`, 'Rename one in addon.toml.');
    }
    if (/[\0\r\n]/.test(String(value))) {
      throw malformed(`The configuration value of ${key} has a NUL or a line break.`, 'Write it on one line.');
    }
    keys.set(name, key);
  }
  return Object.fromEntries([...keys].map(([name, key]) => [name, asText(config[key])]));
}

/** For showing: passwords in URLs, and values of keys that look secret, are `[redacted]`. */
export const redactConfig = (config: Config): Config =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [key, redactValue(key, value)]));

/** Values that no message may hold. Passwords in URLs are recognised without being told. */
export const secretValues = (config: Config): string[] =>
  Object.entries(config)
    .filter(([key, value]) => redactValue(key, value) === '[redacted]')
    .map(([, value]) => String(value));

function readOverrides(descriptor: Descriptor, document: Record<string, unknown>, path: string): Config {
  for (const key of Object.keys(document)) {
    if (key !== 'config' && key !== 'processors')
      throw malformed(`${path} has ${key} outside of [config].`, 'Move it below a line "[config]".');
  }
  const overrides = readConfig(document, path);
  for (const [key, value] of Object.entries(overrides)) checkOverride(descriptor.config, key, value, path);
  return overrides;
}

function checkOverride(defaults: Config, key: string, value: ConfigValue, path: string) {
  const known = Object.keys(defaults).filter((name) => !name.startsWith('_'));
  if (key.startsWith('_')) {
    throw malformed(
      `${path} overrides ${key}, but keys that start with "_" are the add-on's own.`,
      `Remove ${key} from ${path}.`,
    );
  }
  if (!known.includes(key)) {
    throw malformed(
      `${path} overrides ${key}, which the add-on does not declare.${suggestion(key, known)}`,
      known.length > 0 ? `Declared are ${known.join(', ')}.` : 'The add-on declares no configuration: remove the key.',
    );
  }
  const expected = typeof defaults[key];
  if (typeof value === expected) return;
  throw malformed(`${path} has a wrong value for config.${key}: expected a ${expected}.`, `Correct ${key} in ${path}.`);
}

const asText = (value: ConfigValue | undefined) => (typeof value === 'boolean' ? (value ? '1' : '0') : String(value));

const LOOKS_SECRET = /passw|passphrase|pwd|secret|token|key|credential/i;

// A boolean tells nothing, and an empty value is worth seeing as such.
function redactValue(key: string, value: ConfigValue): ConfigValue {
  if (typeof value === 'boolean' || value === '') return value;
  if (LOOKS_SECRET.test(key)) return '[redacted]';
  return typeof value === 'string' ? redactUrls(value) : value;
}

const malformed = (message: string, hint: string) => new AddonsError('malformed', message, { hint });
