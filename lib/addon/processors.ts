import { suggestion } from '../names.ts';
import { isTable, placeOf, type TomlFile } from './toml.ts';

/** One processor of a chain: what its `[processors.NAME]` says. */
export interface ProcessorSettings {
  name: string;
  /** Seconds that it may take for the executions of one operation. */
  timeout: number;
  /** The next in line gets the execution as it was, and not what this one made of it. */
  forward: boolean;
  /** All other keys. Values may be secret. */
  config: ProcessorConfig;
}

export type ProcessorConfig = Record<string, ProcessorValue>;
export type ProcessorValue = string | number | boolean | ProcessorValue[];

/** The `[processors.NAME]` sections of one file, in its order. */
export interface ProcessorSections {
  /** name → keys and values as they stand there. */
  sections: ReadonlyMap<string, ProcessorConfig>;
  /** What cannot be used, in sentences that name the file. The rest goes on. */
  problems: readonly string[];
}

export const NO_PROCESSORS: ProcessorSections = { sections: new Map(), problems: [] };

/** Where executions are kept unless somebody says otherwise. */
export const HISTORY = 'history';

/** A file that no name leads out of, and that no number puts before the others: objects sort numbers. */
export const isProcessorName = (name: string): boolean => /^[a-z][a-z0-9-]{0,62}$/.test(name);

/** Reads the sections `[processors.NAME]` of a document. Never throws: what is wrong with them must not stop an operation. */
export function readProcessors(file: TomlFile): ProcessorSections {
  const { document } = file;
  if (!Object.hasOwn(document, 'processors')) return NO_PROCESSORS;
  if (!isTable(document.processors))
    return refused(`${placeOf(file, ['processors'])} has processors that are no sections [processors.NAME].`);
  const sections = new Map<string, ProcessorConfig>();
  const problems: string[] = [];
  for (const [name, table] of Object.entries(document.processors)) {
    const problem = problemOf(name, table);
    if (problem === undefined)
      sections.set(name, table as ProcessorConfig); // every value of it was looked at
    else problems.push(`${placeOf(file, ['processors', name])} has ${problem}`);
  }
  return { sections, problems };
}

/**
 * The chain that several files make: each stands above those before it, key by key, and may add processors. `enabled = false`
 * takes one out. The history comes last where nobody gives it a place.
 */
export function chainOf(files: readonly ProcessorSections[]): ProcessorSettings[] {
  const merged = new Map<string, ProcessorConfig>();
  for (const { sections } of files) {
    for (const [name, section] of sections) merged.set(name, { ...merged.get(name), ...section });
  }
  if (!merged.has(HISTORY)) merged.set(HISTORY, {});
  return [...merged].flatMap(([name, { enabled = true, timeout = TIMEOUT, forward = false, ...config }]) =>
    enabled === false ? [] : [{ name, timeout: Number(timeout), forward: forward === true, config }],
  );
}

/**
 * The values of a built-in processor's keys.
 *
 * @param defaults every key that it knows; a value has the type of its default
 * @throws {Error} naming the key
 */
export function valuesOf<T extends Record<string, string | number | boolean>>(config: ProcessorConfig, defaults: T): T {
  for (const [key, value] of Object.entries(config)) {
    const known = Object.keys(defaults);
    if (!known.includes(key)) throw new Error(`it does not know ${key}.${suggestion(key, known)}`);
    if (typeof value !== typeof defaults[key]) throw new Error(`${key} must be a ${typeof defaults[key]}.`);
  }
  return { ...defaults, ...config };
}

/** Seconds. */
const TIMEOUT = 10;
/** A longer timer fires at once. */
const LONGEST_TIMEOUT = 2_147_483;

function problemOf(name: string, table: unknown): string | undefined {
  const quoted = JSON.stringify(name.slice(0, 80));
  if (!isProcessorName(name))
    return `a processor of the name ${quoted}: lower-case letters, digits and "-" are allowed.`;
  if (!isTable(table)) return `a processor ${name} that is no section [processors.${name}].`;
  const wrong = Object.entries(table).find(([, value]) => !isValue(value));
  if (wrong) return `a wrong value for processors.${name}.${wrong[0]}: expected text, a number, true, false or a list.`;
  const { enabled = true, timeout = TIMEOUT, forward = false } = table;
  if (typeof enabled !== 'boolean') return `a wrong value for processors.${name}.enabled: expected true or false.`;
  if (typeof forward !== 'boolean') return `a wrong value for processors.${name}.forward: expected true or false.`;
  if (typeof timeout === 'number' && timeout > 0 && timeout <= LONGEST_TIMEOUT) return undefined;
  return `a wrong value for processors.${name}.timeout: expected a positive number of seconds.`;
}

const refused = (problem: string): ProcessorSections => ({ sections: new Map(), problems: [problem] });

const isValue = (value: unknown): value is ProcessorValue =>
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  Number.isFinite(value) ||
  (Array.isArray(value) && value.every(isValue));
