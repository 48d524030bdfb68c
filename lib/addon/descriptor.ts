import { AddonsError } from '../errors.ts';
import { isProfileName, suggestion } from '../names.ts';
import { HOOKS, type HookName, SCRIPTS, type ScriptName } from './contract.ts';
import { type CronJob, readCron } from './cron.ts';
import { type Daemon, readDaemons } from './daemons.ts';
import { ADDON_KEYS, CONFIG_VALUE, type ConfigValue, DEVELOP_KEYS, FORMAT, SECONDS, TIMED } from './descriptor-keys.ts';
import { checked, checkKeys, fields } from './fields.ts';
import { NO_PROCESSORS, type ProcessorSections, readProcessors } from './processors.ts';
import { isTable, placeOf, readToml, section, type TomlFile, wrongValue } from './toml.ts';

/** What `addon.toml` says. */
export interface Descriptor {
  description?: string;
  version?: string;
  /** `provision` may be run again with the same operation id after a crash. */
  idempotent: boolean;
  /** Environment variables that the scripts get from outside. */
  passEnv: string[];
  /** Installed add-ons whose programs and libraries the scripts get, too. */
  inherits: string[];
  /** Seconds. */
  timeouts: Partial<Record<ScriptName | HookName, number>>;
  /** Defaults of the configuration. Values may be secret. */
  config: Config;
  /** What a profile makes of them. */
  profiles: Record<string, Config>;
  /** What `develop --watch` looks at, as in .gitignore. */
  watched: { include: string[]; exclude: string[] };
  /** Its chain of processors. */
  processors: ProcessorSections;
  /** What cron runs while it is enabled. */
  cron: CronJob[];
  /** Long-running processes, by name. */
  daemons: Record<string, Daemon>;
}

export type Config = Record<string, ConfigValue>;

/** Of an add-on without `addon.toml`. */
export const DEFAULT_DESCRIPTOR: Readonly<Descriptor> = {
  idempotent: false,
  passEnv: [],
  inherits: [],
  timeouts: {},
  config: {},
  profiles: {},
  watched: { include: [], exclude: [] },
  processors: NO_PROCESSORS,
  cron: [],
  daemons: {},
};

/**
 * Reads `addon.toml`.
 *
 * @param path for messages only
 * @throws {AddonsError} `malformed` naming file, line, key, and what was expected
 */
export function parseDescriptor(toml: string, path: string): Descriptor {
  const file = readToml(toml, path);
  refuseNewer(file); // before its keys, of which it may have some more
  checkSections(file);
  const addon = fields(file, ['addon'], ADDON_KEYS);
  const { include = [], exclude = [] } = fields(file, ['develop'], DEVELOP_KEYS);
  const config = readConfig(file, ['config']);
  return {
    ...(addon.description !== undefined && { description: addon.description }),
    ...(addon.version !== undefined && { version: addon.version }),
    idempotent: addon.idempotent ?? false,
    passEnv: addon.pass_env ?? [],
    inherits: addon.inherits ?? [],
    timeouts: readTimeouts(file),
    config,
    profiles: readProfiles(file, (keys, value) => checkProfileValue(file, config, keys, value)),
    watched: { include, exclude },
    processors: readProcessors(file),
    cron: readCron(file),
    daemons: readDaemons(file),
  };
}

/** Seconds that the script may run. */
export const timeoutOf = (descriptor: Descriptor, script: ScriptName | HookName): number =>
  descriptor.timeouts[script] ?? [...SCRIPTS, ...HOOKS].find(({ name }) => name === script)?.timeout ?? 600;

/** Called with each value and where it stands. */
export type CheckValue = (keys: readonly string[], value: ConfigValue) => void;

/** A section of configuration values. @throws {AddonsError} `malformed` for what is not a string, number or boolean */
export function readConfig(file: TomlFile, keys: readonly string[], check: CheckValue = () => {}): Config {
  const entries = Object.entries(section(file, keys)).map(([key, found]) => {
    const place = [...keys, key];
    const value = checked(file, place, CONFIG_VALUE, found);
    check(place, value);
    return [key, value] as const;
  });
  return Object.fromEntries(entries);
}

/** The `[profiles.NAME.config]` sections of a document. @throws as `readConfig` */
export function readProfiles(file: TomlFile, check: CheckValue): Record<string, Config> {
  const profiles = Object.keys(section(file, ['profiles'])).map((name) => {
    const keys = ['profiles', name];
    if (!isProfileName(name)) throw badProfile(file, name);
    checkKeys(file, keys, ['config']);
    return [name, readConfig(file, [...keys, 'config'], check)] as const;
  });
  return Object.fromEntries(profiles);
}

const SECTIONS = ['addon', 'timeouts', 'config', 'profiles', 'develop', 'processors', 'cron', 'daemons'];

function refuseNewer(file: TomlFile): void {
  const format = isTable(file.document.addon) ? file.document.addon.format : undefined;
  if (typeof format !== 'number' || !(format > FORMAT)) return;
  throw new AddonsError('malformed', `${file.path} has format ${format}, newer than ${FORMAT}, which is understood.`, {
    hint: 'Install a newer version of paas-addons.',
  });
}

function checkSections(file: TomlFile): void {
  for (const [name, value] of Object.entries(file.document)) {
    if (!isTable(value) && !Array.isArray(value)) throw outside(file, name);
    if (!SECTIONS.includes(name)) throw unknownSection(file, name);
  }
}

function readTimeouts(file: TomlFile): Descriptor['timeouts'] {
  checkKeys(file, ['timeouts'], TIMED);
  const entries = Object.entries(section(file, ['timeouts']));
  return Object.fromEntries(entries.map(([key, value]) => [key, checked(file, ['timeouts', key], SECONDS, value)]));
}

/** A profile says nothing new, only otherwise. */
function checkProfileValue(file: TomlFile, config: Config, keys: readonly string[], value: ConfigValue): void {
  const key = keys.at(-1) ?? '';
  const known = Object.keys(config);
  if (!known.includes(key)) {
    const what = `has ${keys.join('.')}, but [config] has no ${key}.${suggestion(key, known)}`;
    throw new AddonsError('malformed', `${placeOf(file, keys)} ${what}`, {
      hint: 'Give it a default in [config].',
    });
  }
  const expected = typeof config[key];
  if (typeof value !== expected) throw wrongValue(file, keys, `a ${expected}, as in [config]`);
}

function badProfile(file: TomlFile, name: string): AddonsError {
  const what = `has a profile of the name ${JSON.stringify(name)}`;
  return new AddonsError('malformed', `${placeOf(file, ['profiles', name])} ${what}.`, {
    hint: 'Allowed are letters, digits, ".", "_" and "-", starting with a letter or digit, at most 63.',
  });
}

const unknownSection = (file: TomlFile, name: string): AddonsError =>
  new AddonsError(
    'malformed',
    `${placeOf(file, [name])} has an unknown section: [${name}].${suggestion(name, SECTIONS)}`,
    {
      hint: `Known are ${SECTIONS.join(', ')}.`,
    },
  );

const outside = (file: TomlFile, key: string): AddonsError =>
  new AddonsError('malformed', `${placeOf(file, [key])} has a key outside of any section: ${key}.`, {
    hint: 'Move it below [addon], [timeouts] or [config].',
  });
