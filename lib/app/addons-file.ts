import { AddonsError } from '../errors.ts';
import { isAddonName } from '../names.ts';

/** One line of ADDONS: `addon;id;private`. `private` is secret and may be empty. */
export interface Resource {
  addon: string;
  id: string;
  private: string;
}

/** What an ADDONS file says. Lines count from 1; blank lines say nothing. */
export interface AddonsFile {
  /** Well-formed lines in their order, duplicates included. */
  resources: (Resource & { line: number })[];
  /** `problem` reads after "line 3: " and never quotes the line. */
  malformed: { line: number; problem: string }[];
  /** Add-ons with more than one line. */
  duplicates: { addon: string; lines: number[] }[];
}

/** Reads any bytes; what cannot be understood is in `malformed`. */
export function parseAddonsFile(bytes: Buffer): AddonsFile {
  const file: AddonsFile = { resources: [], malformed: [], duplicates: [] };
  for (const [index, text] of linesOf(bytes).entries()) {
    if (text === '') continue;
    const found = readLine(text);
    if (typeof found === 'string') file.malformed.push({ line: index + 1, problem: found });
    else file.resources.push({ ...found, line: index + 1 });
  }
  file.duplicates = duplicatesOf(file.resources);
  return file;
}

/**
 * The file with one more line, after all others. A missing final newline is added first.
 *
 * @throws {AddonsError} `malformed` if the resource itself is not valid
 */
export function appendResource(bytes: Buffer, resource: Resource): Buffer {
  const line = writeLine(resource);
  const cut = bytes.length > 0 && bytes[bytes.length - 1] !== NEWLINE;
  return Buffer.concat([bytes, Buffer.from(`${cut ? '\n' : ''}${line}\n`)]);
}

/** The file without the lines of this pair; every other byte is kept. Without such a line, the same bytes. */
export const dropResource = (bytes: Buffer, addon: string, id: string): Buffer =>
  editLines(bytes, (found, text) => (isPair(found, addon, id) ? undefined : text));

/** The file where of lines of this add-on that are the same, byte for byte, only the first stays. */
export function dropRepeats(bytes: Buffer, addon: string): Buffer {
  const seen = new Set<string>();
  return editLines(bytes, (found, text) => {
    if (found.addon === addon && seen.has(text)) return undefined;
    seen.add(text);
    return text;
  });
}

/**
 * The file with another private in the lines of this pair; every other byte is kept.
 *
 * @throws {AddonsError} `resource-not-found` without such a line, since the new secret would be lost;
 * `malformed` if the new private is not valid
 */
export function replacePrivate(bytes: Buffer, addon: string, id: string, newPrivate: string): Buffer {
  const line = writeLine({ addon, id, private: newPrivate });
  let seen = false;
  const edited = editLines(bytes, (found, text) => {
    if (!isPair(found, addon, id)) return text;
    seen = true;
    return Buffer.from(line).toString('latin1');
  });
  if (seen) return edited;
  throw new AddonsError('resource-not-found', `The app has no line for this resource of ${addon}.`, {
    hint: 'Run "addons check" to see what the app has.',
    details: { addon },
  });
}

/** Why this is not a valid resource, as a noun phrase such as `an empty id`. Quotes nothing of it. */
export function resourceProblem({ addon, id, private: secret }: Resource): string | undefined {
  if (!isAddonName(addon)) return 'an invalid add-on name';
  for (const [field, text] of [
    ['an id', id],
    ['a private', secret],
  ] as const) {
    const found = FORBIDDEN.exec(text)?.[0];
    if (found !== undefined) return `${field} with ${FORBIDDEN_NAMES[found] ?? 'a lone surrogate'}`;
  }
  if (id === '') return 'an empty id';
  if (id.startsWith('-')) return 'an id that starts with a dash';
  if (Buffer.byteLength(id) + Buffer.byteLength(secret) > MAX_BYTES) {
    return `too long an id and private (over ${MAX_BYTES} bytes together)`;
  }
  return undefined;
}

const NEWLINE = 0x0a;
const MAX_BYTES = 4096;
const FORBIDDEN = /[;\r\n\0]|\p{Surrogate}/u;
const FORBIDDEN_NAMES: Record<string, string> = {
  ';': 'a semicolon',
  '\r': 'a carriage return',
  '\n': 'a line break',
  '\0': 'a NUL byte',
};

// One character a byte, so that a line with any bytes can be put back as it was.
const linesOf = (bytes: Buffer) => bytes.toString('latin1').split('\n');

function readLine(text: string): Resource | string {
  if (text.endsWith('\r')) return 'a CRLF line end; lines end with a newline alone';
  const semicolons = text.split(';').length - 1;
  if (semicolons !== 2) return `${semicolons} semicolon${semicolons === 1 ? '' : 's'} instead of 2`;
  const line = decode(text);
  if (line === undefined) return 'invalid UTF-8';
  const [addon = '', id = '', secret = ''] = line.split(';');
  const resource = { addon, id, private: secret };
  return resourceProblem(resource) ?? resource;
}

// A stripped BOM would change the bytes of an id.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(text: string): string | undefined {
  try {
    return UTF8.decode(Buffer.from(text, 'latin1'));
  } catch {
    return undefined;
  }
}

function duplicatesOf(resources: AddonsFile['resources']) {
  const lines = new Map<string, number[]>();
  for (const { addon, line } of resources) lines.set(addon, [...(lines.get(addon) ?? []), line]);
  return [...lines].filter(([, at]) => at.length > 1).map(([addon, at]) => ({ addon, lines: at }));
}

function writeLine(resource: Resource): string {
  const problem = resourceProblem(resource);
  if (problem === undefined) return `${resource.addon};${resource.id};${resource.private}`;
  throw new AddonsError('malformed', `The resource has ${problem}.`, {
    hint: 'Correct what the script of the add-on prints: one line "id;private".',
  });
}

const isPair = (resource: Resource, addon: string, id: string) => resource.addon === addon && resource.id === id;

/** Every well-formed line becomes what `edit` returns, in latin1; on undefined it goes with its newline. */
function editLines(bytes: Buffer, edit: (resource: Resource, text: string) => string | undefined): Buffer {
  const edited = bytes.toString('latin1').replace(/([^\n]+)(\n|$)/g, (whole, text: string, end: string) => {
    const found = readLine(text);
    if (typeof found === 'string') return whole;
    const line = edit(found, text);
    return line === undefined ? '' : line + end;
  });
  return Buffer.from(edited, 'latin1');
}
