import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AddonsError, fromSystem, systemCode } from '../errors.ts';

/** What an add-on needs of a registry: what is wanted, what it was frozen to, and where it lies once it is built. */
export interface Dependencies {
  kind: 'npm' | 'pip';
  /** What is wanted, without exact versions. */
  wanted: string;
  /** The same with exact versions. */
  frozen: string;
  /** The directory that they are built in. */
  built: string;
}

export const NPM: Dependencies = {
  kind: 'npm',
  wanted: 'package.json',
  frozen: 'package-lock.json',
  built: 'node_modules',
};
export const PIP: Dependencies = {
  kind: 'pip',
  wanted: 'requirements.in',
  frozen: 'requirements.txt',
  built: 'python_modules',
};

/** Those that the add-on of a directory declares. @throws {AddonsError} `malformed` for a package.json that is none */
export function dependenciesOf(root: string): Dependencies[] {
  const pip = [PIP.wanted, PIP.frozen].some((name) => hasRequirements(textIn(root, name)));
  return [...(wantsPackages(root) ? [NPM] : []), ...(pip ? [PIP] : [])];
}

/** Whether they lie there as they are frozen. */
export const isBuilt = (root: string, dependencies: Dependencies): boolean =>
  textIn(root, stampOf(dependencies)).trim() === frozenHash(root, dependencies);

/** Within what was built: says of what. */
export const stampOf = ({ built }: Dependencies): string => join(built, '.addon-frozen');

export const frozenHash = (root: string, { wanted, frozen }: Dependencies): string =>
  createHash('sha256')
    .update(JSON.stringify([textIn(root, wanted), textIn(root, frozen)]))
    .digest('hex');

/** Installing needs no network: what is needed must lie there. @throws {AddonsError} `malformed` */
export function refuseUnbuilt(root: string): void {
  const missing = dependenciesOf(root).find(({ built }) => !existsSync(join(root, built)));
  if (missing === undefined) return;
  const what = `declares dependencies in ${existsSync(join(root, missing.wanted)) ? missing.wanted : missing.frozen}`;
  throw new AddonsError('malformed', `${root} ${what}, but has no ${missing.built}.`, {
    hint: `Build it first: addons build ${root}`,
  });
}

/** The lines of a requirements file that name something, by their number. */
export const requirementsIn = (text: string): { line: number; text: string }[] =>
  text
    .replace(/\\\n/g, '  ')
    .split('\n')
    .map((one, at) => ({ line: at + 1, text: one.replace(/(^|\s)#.*/, '').trim() }))
    .filter((one) => one.text !== '');

/** Options such as `--find-links wheels`. */
export const isOption = (requirement: string): boolean => requirement.startsWith('-');

export function textIn(root: string, name: string): string {
  const path = join(root, name);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return '';
    throw fromSystem(error, path);
  }
}

const hasRequirements = (text: string): boolean => requirementsIn(text).some((one) => !isOption(one.text));

function wantsPackages(root: string): boolean {
  const text = textIn(root, NPM.wanted);
  if (text === '') return false;
  try {
    const { dependencies, optionalDependencies }: Record<string, object | undefined> = JSON.parse(text);
    return Object.keys({ ...dependencies, ...optionalDependencies }).length > 0;
  } catch {
    throw new AddonsError('malformed', `${join(root, NPM.wanted)} is not valid JSON.`, { hint: 'Correct it.' });
  }
}
