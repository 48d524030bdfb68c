import { parse } from 'dotenv';
import { AddonsError } from '../errors.ts';

/** `dotenv`: for dotenv. `docker`: for `docker run --env-file`. `shell`: safe to `eval`. */
export type EnvFormat = 'dotenv' | 'docker' | 'json' | 'shell';

/**
 * The variables as text that ends with a newline (nothing for no variables, except `{}` in JSON).
 *
 * @throws {AddonsError} `malformed` naming the variable that the format cannot express
 */
export const formatEnv = (vars: ReadonlyMap<string, string>, format: EnvFormat): string => FORMATS[format](vars);

const FORMATS: Record<EnvFormat, (vars: ReadonlyMap<string, string>) => string> = {
  dotenv: asDotenv,
  docker: (vars) => lines(vars, dockerLine),
  json: (vars) => `${JSON.stringify(Object.fromEntries(vars), null, 2)}\n`,
  shell: (vars) => lines(vars, shellLine),
};

function lines(vars: ReadonlyMap<string, string>, line: (key: string, value: string) => string) {
  return [...vars].map(([key, value]) => `${line(key, value)}\n`).join('');
}

function asDotenv(vars: ReadonlyMap<string, string>): string {
  const text = lines(vars, dotenvLine);
  const read = new Map(Object.entries(parse(text)));
  for (const [key, value] of vars) {
    if (read.get(key) !== value) throw unable('dotenv', key, 'has a value that dotenv would read differently');
  }
  return text;
}

function dotenvLine(key: string, value: string): string {
  if (/[\0\p{Surrogate}]/u.test(value)) throw unable('dotenv', key, 'has a NUL or a lone surrogate');
  const candidates = [
    fits(value, "'") ? `'${value}'` : undefined,
    /^['"`\s]|[#\r\n\u2028\u2029]|\s$|^$/.test(value) ? undefined : value,
    fits(value, '`') ? `\`${value}\`` : undefined,
    fits(value, '"') ? `"${value.replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"` : undefined,
  ].flatMap((text) => (text === undefined ? [] : [`${key}=${text}`]));
  const line = candidates.find((candidate) => readsBack(candidate, key, value));
  if (line !== undefined) return line;
  throw unable('dotenv', key, 'has a value for which dotenv knows no quoting');
}

// dotenv has no escape for a quote, and takes a backslash before the closing one for an escape.
const fits = (value: string, quote: string) => !value.includes(quote) && !value.endsWith('\\');

function readsBack(line: string, key: string, value: string) {
  const read = Object.entries(parse(line));
  return read.length === 1 && read[0]?.[0] === key && read[0][1] === value;
}

// docker takes everything after the first "=" as it stands, to the end of the line.
function dockerLine(key: string, value: string): string {
  if (!/^[^\s=#\0\ufeff][^\s=\0]*$/.test(key)) throw unable('docker', key, 'has a name that docker does not take');
  if (/[\r\n]/.test(value)) throw unable('docker', key, 'has a value with a line break');
  if (/[\0\p{Surrogate}]/u.test(value)) throw unable('docker', key, 'has a NUL or a lone surrogate');
  return `${key}=${value}`;
}

function shellLine(key: string, value: string): string {
  if (!/^[A-Za-z_]\w*$/.test(key)) throw unable('shell', key, 'has a name that a shell does not take');
  if (/[\0\p{Surrogate}]/u.test(value)) throw unable('shell', key, 'has a NUL or a lone surrogate');
  return `export ${key}='${value.replaceAll("'", `'\\''`)}'`;
}

const unable = (format: EnvFormat, key: string, why: string) =>
  new AddonsError('malformed', `${JSON.stringify(key)} cannot be written as ${format}: it ${why}.`, {
    hint: 'Choose another format, such as --format json.',
  });
