import { AddonsError } from '../errors.ts';
import { suggestion } from '../names.ts';
import { redactUrls } from './contract.ts';
import { type Config, type Descriptor, readConfig, readProfiles } from './descriptor.ts';
import type { ConfigValue } from './descriptor-keys.ts';
import { type ProcessorSections, readProcessors } from './processors.ts';
import { placeOf, readToml, type TomlFile, wrongValue } from './toml.ts';

/** A file with values over the add-on's own. */
export interface Overrides {
  /** For messages. */
  path: string;
  /** Undefined: there is no such file. */
  toml: string | undefined;
}

/** An add-on's configuration as its operator has it. */
export interface Configured {
  config: Config;
  /** The file that each value is from, where that is not the add-on's own. */
  from: Record<string, string>;
  /** What each file says of processors. */
  processors: ProcessorSections[];
}

/**
 * The add-on's values with those of each file over them, the later ones above, and which file each of these is from. Where a
 * profile is in force, it is resolved in every file first.
 *
 * @throws {AddonsError} `malformed` for keys that the add-on does not declare or that start with `_`, for values of
 * another type than the default's, and for anything outside of `[config]`, `[profiles.NAME.config]` and `[processors.NAME]`
 */
export function mergeConfig(descriptor: Descriptor, files: readonly Overrides[], profile?: string): Configured {
  const layers = files.map(({ path, toml = '' }) => {
    const file = readToml(toml, path);
    return {
      path,
      values: resolved(readOverrides(descriptor, file), profile),
      processors: readProcessors(file),
    };
  });
  return {
    config: Object.fromEntries(
      [resolved(descriptor, profile), ...layers.map(({ values }) => values)].flatMap(Object.entries),
    ),
    from: Object.fromEntries(layers.flatMap(({ path, values }) => Object.keys(values).map((key) => [key, path]))),
    processors: layers.map(({ processors }) => processors),
  };
}

/** `[config]`, and what the profiles make of it. */
type Variants = Pick<Descriptor, 'config' | 'profiles'>;

const resolved = ({ config, profiles }: Variants, profile: string | undefined): Config =>
  profile !== undefined && Object.hasOwn(profiles, profile) ? { ...config, ...profiles[profile] } : config;

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

/** @throws {AddonsError} `malformed` for what cannot be over the add-on's values */
export function readOverrides({ config: defaults }: Descriptor, file: TomlFile): Variants {
  for (const key of Object.keys(file.document)) {
    if (['config', 'profiles', 'processors'].includes(key)) continue;
    throw malformed(`${placeOf(file, [key])} has ${key} outside of [config].`, 'Move it below a line "[config]".');
  }
  const check = (keys: readonly string[], value: ConfigValue) => checkOverride(defaults, file, keys, value);
  const config = readConfig(file, ['config'], check);
  return { config, profiles: readProfiles(file, check) };
}

function checkOverride(defaults: Config, file: TomlFile, keys: readonly string[], value: ConfigValue) {
  const key = keys.at(-1) ?? '';
  const known = Object.keys(defaults).filter((name) => !name.startsWith('_'));
  if (key.startsWith('_')) {
    throw malformed(
      `${placeOf(file, keys)} overrides ${key}, but keys that start with "_" are the add-on's own.`,
      `Remove ${key} from ${file.path}.`,
    );
  }
  if (!known.includes(key)) {
    throw malformed(
      `${placeOf(file, keys)} overrides ${key}, which the add-on does not declare.${suggestion(key, known)}`,
      known.length > 0 ? `Declared are ${known.join(', ')}.` : 'The add-on declares no configuration: remove the key.',
    );
  }
  const expected = typeof defaults[key];
  if (typeof value !== expected) throw wrongValue(file, keys, `a ${expected}`);
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
