import { parse, TomlError } from 'smol-toml';
import { AddonsError } from '../errors.ts';

/** A TOML document that was read, and its text: to say where something stands in it. */
export interface TomlFile {
  /** For messages. */
  path: string;
  text: string;
  document: Record<string, unknown>;
}

/** @throws {AddonsError} `malformed` naming file and line; the text itself, perhaps secret, stays out */
export function readToml(text: string, path: string): TomlFile {
  try {
    return { path, text, document: parse(text) };
  } catch (error) {
    // The parser's error quotes the lines around the mistake, so it is not kept as the cause.
    const at = error instanceof TomlError ? ` at line ${error.line}, column ${error.column}` : '';
    const why = /^Invalid TOML document: ([^\n"'`]*)/.exec(error instanceof Error ? error.message : '')?.[1];
    throw new AddonsError('malformed', `${path} is not valid TOML${at}${why ? `: ${why}` : ''}.`, {
      hint: 'Correct that line; strings stand in double quotes.',
    });
  }
}

/** `addon.toml, line 7,`: file and line of a key, for the beginning of a sentence. */
export function placeOf({ text, path }: TomlFile, keys: readonly string[]): string {
  const line = lineOf(text, keys);
  return line === undefined ? path : `${path}, line ${line},`;
}

/**
 * The line on which a key or a section begins. The parser does not tell, so the document is read up to every line until the key
 * is there. Asked for messages only.
 */
function lineOf(text: string, keys: readonly string[]): number | undefined {
  const lines = text.split('\n');
  let begin = 1;
  for (let end = 1; end <= Math.min(lines.length, MOST_LINES); end++) {
    const document = readable(lines.slice(0, end).join('\n'));
    if (document === undefined) continue; // in the middle of a value
    if (has(document, keys)) return begin;
    begin = end + 1;
  }
  return undefined;
}

const MOST_LINES = 1000;

function readable(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function has(document: unknown, keys: readonly string[]): boolean {
  const [key, ...rest] = keys;
  if (key === undefined) return true;
  return isTable(document) && Object.hasOwn(document, key) && has(document[key], rest);
}

/** A date is an object, too. */
export const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** A section, empty where there is none. @throws {AddonsError} `malformed` for what is no section */
export function section(file: TomlFile, keys: readonly string[]): Record<string, unknown> {
  let found: unknown = file.document;
  for (const [at, key] of keys.entries()) {
    if (!isTable(found)) throw wrongValue(file, keys.slice(0, at), `a section, [${keys.slice(0, at).join('.')}]`);
    found = Object.hasOwn(found, key) ? found[key] : {};
  }
  if (isTable(found)) return found;
  throw wrongValue(file, keys, `a section, [${keys.join('.')}]`);
}

/** Without the value: it may be secret. */
export const wrongValue = (file: TomlFile, keys: readonly string[], expected: string): AddonsError =>
  new AddonsError(
    'malformed',
    `${placeOf(file, keys)} has a wrong value for ${keys.join('.')}: expected ${expected}.`,
    {
      hint: `Correct ${keys.join('.')} in ${file.path}.`,
    },
  );
