import { AddonsError } from '../errors.ts';
import { isAddonName } from '../names.ts';

/** One line of ADDONS.env, `addon;NAME`: the app's resource of this add-on has this variable name, too. */
export interface ExtraName {
  addon: string;
  name: string;
}

/** What an ADDONS.env file says. Lines count from 1; blank lines say nothing. */
export interface AddonsEnvFile {
  /** Each pair once. Two add-ons may have one name: that is a conflict, to be told by who knows the app's lines. */
  names: (ExtraName & { line: number })[];
  /** `problem` reads after "line 3: " and never quotes the line. */
  malformed: { line: number; problem: string }[];
}

/** Reads any bytes; what cannot be understood is in `malformed`. */
export function parseAddonsEnvFile(bytes: Buffer): AddonsEnvFile {
  const file: AddonsEnvFile = { names: [], malformed: [] };
  if (bytes.length === 0) return file; // most apps: this is asked for every one of them
  const seen = new Set<string>();
  for (const [index, text] of bytes.toString('latin1').split('\n').entries()) {
    if (text === '') continue;
    const found = readLine(text);
    const line = index + 1;
    if (typeof found === 'string') file.malformed.push({ line, problem: found });
    else if (!seen.has(text)) file.names.push({ ...found, line });
    seen.add(text);
  }
  return file;
}

/** The names of one add-on's resource, in the order of the lines. */
export const namesFor = ({ names }: AddonsEnvFile, addon: string): string[] =>
  names.filter((one) => one.addon === addon).map(({ name }) => name);

/**
 * The file with exactly these names for this add-on; every line of others is kept byte for byte. Without a change, the same bytes.
 *
 * @throws {AddonsError} `usage` for what is no name of a variable
 */
export function setNames(bytes: Buffer, addon: string, names: readonly string[]): Buffer {
  for (const name of names) checkVariableName(name);
  const wanted = [...new Set(names)];
  const has = namesFor(parseAddonsEnvFile(bytes), addon);
  if (has.length === wanted.length && has.every((name, at) => name === wanted[at])) return bytes;
  const kept = bytes.toString('latin1').replace(/([^\n]+)(\n|$)/g, (whole, text: string) => {
    const found = readLine(text);
    return typeof found !== 'string' && found.addon === addon ? '' : whole;
  });
  const start = wanted.length === 0 || kept === '' || kept.endsWith('\n') ? kept : `${kept}\n`;
  return Buffer.from(start + wanted.map((name) => `${addon};${name}\n`).join(''), 'latin1');
}

/** @throws {AddonsError} `usage` */
export function checkVariableName(name: string): string {
  if (isVariableName(name)) return name;
  throw new AddonsError('usage', `${JSON.stringify(name.slice(0, 80))} is not a name for a variable.`, {
    hint: 'Allowed are letters, digits and "_", not starting with a digit, at most 255.',
  });
}

export const isVariableName = (name: string): boolean => VARIABLE.test(name);

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;

function readLine(text: string): ExtraName | string {
  if (text.endsWith('\r')) return 'a CRLF line end; lines end with a newline alone';
  const [addon = '', name, ...more] = text.split(';');
  if (name === undefined) return 'no semicolon';
  if (more.length > 0) return 'a second semicolon';
  if (!isAddonName(addon)) return 'an invalid add-on name';
  return isVariableName(name) ? { addon, name } : 'an invalid variable name';
}
