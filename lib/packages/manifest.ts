import { FORMAT } from '../addon/descriptor-keys.ts';
import { isTable } from '../addon/toml.ts';
import { AddonsError } from '../errors.ts';
import { isAddonName } from '../names.ts';
import { MOST_BRANCHES, staysBelow } from '../state/tree.ts';
import { type Content, hashOf, type Item } from './content.ts';

/** What a package says of itself, in its first file. */
export interface PackageManifest {
  format: number;
  name: string;
  version: string;
  /** Of the content: the same for the same files, whatever their times and owners. */
  hash: string;
  content: Content;
}

export const manifestText = ({ format, name, version, hash, content }: PackageManifest): string =>
  `${JSON.stringify({ format, name, version, hash, content }, undefined, 1)}\n`;

/**
 * @param file the package, for messages
 * @throws {AddonsError} `malformed`
 */
export function parseManifest(text: string, file: string): PackageManifest {
  const found = readJson(text);
  if (!isTable(found)) throw damaged(file, 'what it says of itself cannot be read');
  const { format, name, version, hash, content } = found;
  if (typeof format === 'number' && format > FORMAT) throw newer(file, format);
  const isSound =
    format === FORMAT &&
    typeof name === 'string' &&
    isAddonName(name) &&
    typeof version === 'string' &&
    isVersion(version) &&
    typeof hash === 'string' &&
    isContent(content);
  if (!isSound) throw damaged(file, 'what it says of itself makes no sense');
  if (hashOf(content) !== hash) throw damaged(file, 'what it says of itself has another hash');
  return { format, name, version, hash, content };
}

/** It is part of the file's name. */
export const isVersion = (version: string): boolean => /^[0-9A-Za-z][0-9A-Za-z.+~_-]{0,62}$/.test(version);

export const damaged = (file: string, what: string): AddonsError =>
  new AddonsError('malformed', `${file} is damaged, or no package: ${what}.`, {
    hint: 'Copy it anew from where it was made (addons pack), and compare the two with sha256sum.',
  });

/** What could do harm is not of our making, and not damaged by chance. */
export const hostile = (file: string, what: string): AddonsError =>
  new AddonsError('malformed', `${file} is refused: ${what}.`, {
    hint: 'addons pack makes no such package. Find out who made it.',
  });

const newer = (file: string, format: number) =>
  new AddonsError('malformed', `${file} has format ${format}, newer than ${FORMAT}, which is understood.`, {
    hint: 'Install a newer version of paas-addons.',
  });

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isContent = (value: unknown): value is Content =>
  isTable(value) &&
  Object.keys(value).length <= MOST_BRANCHES &&
  Object.entries(value).every(([path, item]) => isPath(path) && isItem(path, item));

/** Relative, and what it says: nothing in it leads up or is said twice. */
export const isPath = (path: string): boolean =>
  path.length <= 1024 && !path.includes('\0') && path.split('/').every((part) => !['', '.', '..'].includes(part));

function isItem(path: string, item: unknown): item is Item {
  if (!isTable(item)) return false;
  if (item.directory === true) return true;
  if (typeof item.link === 'string') return staysBelow(path, item.link);
  return typeof item.sha256 === 'string' && Number.isSafeInteger(item.size);
}
