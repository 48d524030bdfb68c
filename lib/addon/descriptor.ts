import { parse, TomlError } from 'smol-toml';
import { AddonsError } from '../errors.ts';
import { suggestion } from '../names.ts';
import { SCRIPTS, type ScriptName } from './contract.ts';
import { NO_PROCESSORS, type ProcessorSections, readProcessors } from './processors.ts';

/** What `addon.toml` says. */
export interface Descriptor {
  description?: string;
  version?: string;
  /** `provision` may be run again with the same operation id after a crash. */
  idempotent: boolean;
  /** Environment variables that the scripts get from outside. */
  passEnv: string[];
  /** Seconds. */
  timeouts: Partial<Record<ScriptName, number>>;
  /** Defaults of the configuration. Values may be secret. */
  config: Record<string, ConfigValue>;
  /** Its chain of processors. */
  processors: ProcessorSections;
}

export type ConfigValue = string | number | boolean;

/** Of an add-on without `addon.toml`. */
export const DEFAULT_DESCRIPTOR: Readonly<Descriptor> = {
  idempotent: false,
  passEnv: [],
  timeouts: {},
  config: {},
  processors: NO_PROCESSORS,
};

/**
 * Reads `addon.toml`. Sections that are not known are left alone: later formats add some.
 *
 * @param path for messages only
 * @throws {AddonsError} `malformed` naming file, key, what was expected, and the line where it is known
 */
export function parseDescriptor(toml: string, path: string): Descriptor {
  const document = parseToml(toml, path);
  for (const [key, value] of Object.entries(document)) {
    if (typeof value !== 'object') throw outside(path, key);
  }
  const addon = section(document, 'addon', path);
  checkKeys(addon, 'addon', ['description', 'version', 'idempotent', 'pass_env'], path);
  const timeouts = section(document, 'timeouts', path);
  checkKeys(timeouts, 'timeouts', SCRIPT_NAMES, path);
  const description = field(addon, 'description', isString, 'a string', path);
  const version = field(addon, 'version', isString, 'a string', path);
  return {
    ...(description === undefined ? {} : { description }),
    ...(version === undefined ? {} : { version }),
    idempotent: field(addon, 'idempotent', isBoolean, 'true or false', path) ?? false,
    passEnv: field(addon, 'pass_env', isNames, 'an array of names of environment variables', path) ?? [],
    timeouts: readTimeouts(timeouts, path),
    config: readConfig(document, path),
    processors: readProcessors(document, path),
  };
}

/** Seconds that the script may run. */
export const timeoutOf = (descriptor: Descriptor, script: ScriptName): number =>
  descriptor.timeouts[script] ?? SCRIPTS.find(({ name }) => name === script)?.timeout ?? 600;

/** A TOML document. @throws {AddonsError} `malformed` naming file and line; the text itself, perhaps secret, stays out */
export function parseToml(toml: string, path: string): Record<string, unknown> {
  try {
    return parse(toml);
  } catch (error) {
    // The parser's error quotes the lines around the mistake, so it is not kept as the cause.
    const at = error instanceof TomlError ? ` at line ${error.line}, column ${error.column}` : '';
    const why = /^Invalid TOML document: ([^\n"'`]*)/.exec(error instanceof Error ? error.message : '')?.[1];
    throw new AddonsError('malformed', `${path} is not valid TOML${at}${why ? `: ${why}` : ''}.`, {
      hint: 'Correct that line; strings stand in double quotes.',
    });
  }
}

/** The `[config]` section of a document. @throws {AddonsError} `malformed` for what is not a string, number or boolean */
export function readConfig(document: Record<string, unknown>, path: string): Record<string, ConfigValue> {
  const config = section(document, 'config', path);
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => {
      if (!isConfigValue(value)) throw wrong(path, `config.${key}`, 'a string, a finite number, true or false');
      return [key, value];
    }),
  );
}

const SCRIPT_NAMES = SCRIPTS.map(({ name }) => name);

// A longer timer fires at once.
const MAX_TIMEOUT = 2_147_483;

function section(document: Record<string, unknown>, name: string, path: string): Record<string, unknown> {
  const found = Object.hasOwn(document, name) ? document[name] : {};
  if (isTable(found)) return found;
  throw wrong(path, name, `a section, [${name}]`);
}

function checkKeys(table: Record<string, unknown>, name: string, known: readonly string[], path: string) {
  for (const key of Object.keys(table)) {
    if (known.includes(key)) continue;
    throw new AddonsError('malformed', `${path} has an unknown key in [${name}]: ${key}.${suggestion(key, known)}`, {
      hint: `Known are ${known.join(', ')}.`,
    });
  }
}

function field<T>(
  table: Record<string, unknown>,
  key: string,
  is: (value: unknown) => value is T,
  expected: string,
  path: string,
): T | undefined {
  const value = Object.hasOwn(table, key) ? table[key] : undefined;
  if (value === undefined || is(value)) return value;
  throw wrong(path, `addon.${key}`, expected);
}

function readTimeouts(table: Record<string, unknown>, path: string): Descriptor['timeouts'] {
  const timeouts: Descriptor['timeouts'] = {};
  for (const script of SCRIPT_NAMES) {
    if (!Object.hasOwn(table, script)) continue;
    const seconds = table[script];
    if (typeof seconds !== 'number' || !(seconds > 0 && seconds <= MAX_TIMEOUT)) {
      throw wrong(path, `timeouts.${script}`, `a positive number of seconds, at most ${MAX_TIMEOUT}`);
    }
    timeouts[script] = seconds;
  }
  return timeouts;
}

const isString = (value: unknown) => typeof value === 'string';
const isBoolean = (value: unknown) => typeof value === 'boolean';
const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((name) => isString(name) && /^[A-Za-z_]\w*$/.test(name));
const isConfigValue = (value: unknown): value is ConfigValue =>
  isString(value) || isBoolean(value) || Number.isFinite(value);
// A date is an object, too.
const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

const wrong = (path: string, key: string, expected: string) =>
  new AddonsError('malformed', `${path} has a wrong value for ${key}: expected ${expected}.`, {
    hint: `Correct ${key} in ${path}.`,
  });

const outside = (path: string, key: string) =>
  new AddonsError('malformed', `${path} has a key outside of any section: ${key}.`, {
    hint: 'Move it below [addon], [timeouts] or [config].',
  });
