import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { AddonsError, fromSystem, systemCode } from '../errors.ts';
import { suggestion } from '../names.ts';
import type { FileSettings } from './settings.ts';

/** Reads `addons.toml`; a file that is not there says nothing. @throws {AddonsError} `malformed`, `permission`, `io` */
export async function readSettingsFile(path: string): Promise<FileSettings> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (ABSENT.has(systemCode(error) ?? '')) return {};
    throw fromSystem(error, path);
  }
  return parseSettings(text, path, (await import('smol-toml')).parse);
}

/** @throws {AddonsError} `malformed`, naming the key */
export function parseSettings(text: string, path: string, toml: (text: string) => object): FileSettings {
  const settings: FileSettings = {};
  for (const [key, value] of Object.entries(parsed(text, path, toml))) {
    if (key === 'wait') settings.wait = expect(path, key, value, isSeconds, 'a number of seconds, 0 or more');
    else if (key === 'apps_root') settings.appsRoot = expect(path, key, value, isPath, 'an absolute path');
    else if (key === 'lib_root') settings.libRoot = expect(path, key, value, isPath, 'an absolute path');
    else if (typeof value !== 'object') throw unknownKey(path, key);
    // Tables belong to other parts of the tool.
  }
  return settings;
}

const ABSENT = new Set(['ENOENT', 'ENOTDIR']);
const KEYS = ['apps_root', 'lib_root', 'wait'];

const isSeconds = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 604_800;
const isPath = (value: unknown): value is string => typeof value === 'string' && isAbsolute(value);

function parsed(text: string, path: string, toml: (text: string) => object): object {
  try {
    return toml(text);
  } catch (error) {
    const line = error instanceof Error && 'line' in error ? ` at line ${error.line}` : '';
    // The parser's message quotes the line: another part of the file may hold a secret.
    throw new AddonsError('malformed', `${path} is not valid TOML${line}.`, { hint: 'Correct that line.' });
  }
}

function expect<T>(path: string, key: string, value: unknown, is: (value: unknown) => value is T, what: string): T {
  if (is(value)) return value;
  throw new AddonsError('malformed', `${path}: ${key} must be ${what}.`, { hint: `Correct ${key} in that file.` });
}

const unknownKey = (path: string, key: string): AddonsError =>
  new AddonsError('malformed', `${path}: there is no setting "${key}".${suggestion(key, KEYS)}`, {
    hint: `Settings are ${KEYS.join(', ')}.`,
  });
