import { type Resource, resourceProblem } from '../app/addons-file.ts';
import { valueProblem } from '../app/env-value.ts';
import { AddonsError } from '../errors.ts';

/** The scripts of an add-on. `timeout`: seconds it may run unless `addon.toml` says otherwise. */
export const SCRIPTS = [
  { name: 'enable', required: true, timeout: 600 },
  { name: 'disable', required: true, timeout: 600 },
  { name: 'provision', required: true, timeout: 600 },
  { name: 'unprovision', required: true, timeout: 600 },
  { name: 'url', required: true, timeout: 30 },
  { name: 'dump', required: false, timeout: 600 },
  { name: 'restore', required: false, timeout: 600 },
  { name: 'list', required: false, timeout: 600 },
  { name: 'rotate', required: false, timeout: 600 },
  { name: 'health', required: false, timeout: 30 },
] as const;

export type ScriptName = (typeof SCRIPTS)[number]['name'];

/** What an add-on may bring for its life as a package. All optional. */
export const HOOKS = [
  { name: 'build', timeout: 3600 },
  { name: 'clean', timeout: 600 },
  { name: 'postinstall', timeout: 600 },
] as const;

export type HookName = (typeof HOOKS)[number]['name'];

/** Bytes of stdout that a script of one line may print at most; no need to read more than one byte beyond. */
export const LINE_LIMIT = 64 * 1024;

/** Bytes of stdout that `list` may print at most. */
export const LIST_LIMIT = 64 * 1024 * 1024;

/**
 * The line `id;private` of `provision`. A single final newline is optional, here and below.
 *
 * @throws {AddonsError} `script-output`; the message, such as `printed no semicolon`, is for the caller to put
 * the script's name before, and never holds the output
 */
export function parseProvision(bytes: Buffer): Omit<Resource, 'addon'> {
  const expected = 'provision must print one line, "id;private", and nothing else on stdout.';
  const fields = oneLine(bytes, expected).split(';');
  const [id = '', secret] = fields;
  if (secret === undefined) throw printed('no semicolon', expected);
  if (fields.length > 2) throw printed('a second semicolon', expected);
  const resource = { id, private: secret };
  checkResource(resource, expected);
  return resource;
}

/** The URL, secret, of `url`. @throws {AddonsError} `script-output`, as above */
export function parseUrl(bytes: Buffer): string {
  const expected = 'url must print one line, the URL, with special characters percent-encoded.';
  const url = oneLine(bytes, expected);
  const problem = valueProblem(url);
  if (problem !== undefined) throw printed(`a URL with ${problem}`, expected);
  return url;
}

/** The ids that `list` knows; it may print nothing. @throws {AddonsError} `script-output`, as above */
export function parseIds(bytes: Buffer): string[] {
  const expected = 'list must print the ids that exist, one a line, and nothing else on stdout.';
  const text = decode(bytes, LIST_LIMIT, expected);
  if (text === '') return [];
  const ids = text.replace(/\n$/, '').split('\n');
  for (const id of ids) checkResource({ id, private: '' }, expected);
  return ids;
}

/**
 * The new private of `rotate`. Not empty: `echo "$password"` of a variable that is not set must not lock the app out.
 *
 * @throws {AddonsError} `script-output`, as above
 */
export function parsePrivate(bytes: Buffer): string {
  const expected = 'rotate must print one line, the new private, and nothing else on stdout.';
  const secret = oneLine(bytes, expected);
  checkResource({ id: 'id', private: secret }, expected);
  return secret;
}

/** The text with `[redacted]` in place of the passwords of the URLs in it. */
export const redactUrls = (text: string): string => text.replace(URL_PASSWORD, '[redacted]');

/**
 * The password in `scheme://user:password@host`, wherever it stands. It ends at the last `@` before the path; one
 * that holds an unencoded `/`, `?` or `#` ends at the last `@` before white space, unless it looks like a port.
 * Bounded, and anchored at `://`, so that text made to be slow is not.
 */
export const URL_PASSWORD =
  /(?<=[a-z0-9+.-]:\/\/[^\s/?#:@]*:)(?:[^\s/?#]{1,4096}(?=@)|(?!\d{1,5}(?:[/?#]|\s|$))\S{1,1024}(?=@))/gi;

function oneLine(bytes: Buffer, expected: string): string {
  const text = decode(bytes, LINE_LIMIT, expected);
  if (text === '') throw printed('nothing', expected);
  const [line = '', ...more] = text.replace(/\n$/, '').split('\n');
  if (more.length > 0) throw printed(more.length === 1 ? 'two lines' : `${more.length + 1} lines`, expected);
  if (line === '') throw printed('an empty line', expected);
  return line;
}

// A stripped BOM would make the id another one than the script printed.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Buffer, limit: number, expected: string): string {
  if (bytes.length > limit) throw printed(`too long an output (over ${limit} bytes)`, expected);
  if (bytes.includes(0)) throw printed('a NUL byte', expected);
  if (bytes.includes('\r')) throw printed('a carriage return', expected);
  try {
    return UTF8.decode(bytes);
  } catch {
    throw printed('invalid UTF-8', expected);
  }
}

function checkResource(resource: Omit<Resource, 'addon'>, expected: string) {
  const problem = resourceProblem({ addon: 'addon', ...resource });
  if (problem !== undefined) throw printed(problem, expected);
}

const printed = (what: string, hint: string) => new AddonsError('script-output', `printed ${what}`, { hint });
