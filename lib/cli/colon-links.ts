import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { AddonsError, fromSystem } from '../errors.ts';
import type { Outcome } from '../operations/results.ts';
import { VERBS } from './commands.ts';

/** What became of the links, by file name. */
export interface LinkResult {
  directory: string;
  outcome: Outcome;
  created: string[];
  kept: string[];
  /** Names that a stranger's file holds. */
  skipped: string[];
  /** Our own links to verbs that are no more. */
  removed: string[];
}

export interface LinkOptions {
  /** The directory that holds, or will hold, `node_modules`. */
  project: string;
  /** The file that the links run. */
  target: string;
  dryRun?: boolean;
}

/**
 * Makes `node_modules/.bin/addons:add` and its like, so that `npx addons:add` works: npm itself turns a bin key with a colon
 * into the part after it. The links are relative: the project may be moved.
 *
 * @throws {AddonsError} `usage` for a directory that is no project; `permission`, `io` …
 */
export function linkColonCommands({ project, target, dryRun = false }: LinkOptions): LinkResult {
  const directory = join(project, 'node_modules', '.bin');
  const result: LinkResult = { directory, outcome: 'unchanged', created: [], kept: [], skipped: [], removed: [] };
  checkProject(project);
  try {
    if (!dryRun) mkdirSync(directory, { recursive: true });
    const wanted = new Map(VERBS.map((verb) => [`addons:${verb}`, linkText(directory, target)]));
    for (const [name, text] of wanted) place(result, name, text, dryRun);
    for (const name of presentNames(directory)) if (!wanted.has(name)) dropStale(result, name, dryRun);
  } catch (error) {
    throw fromSystem(error, directory);
  }
  const changed = result.created.length + result.removed.length > 0;
  return { ...result, outcome: changed ? (dryRun ? 'planned' : 'done') : 'unchanged' };
}

/** The nearest directory upwards that is an npm project; else the directory itself. */
export function projectOf(dir: string): string {
  for (let at = dir; ; at = dirname(at)) {
    if (isProject(at)) return at;
    if (at === dirname(at)) return dir;
  }
}

function checkProject(project: string): void {
  if (isProject(project)) return;
  throw new AddonsError('usage', `${project} holds neither package.json nor node_modules.`, {
    hint: 'Name the directory of an npm project: addons link DIR',
  });
}

const isProject = (dir: string): boolean => ['package.json', 'node_modules'].some((name) => exists(join(dir, name)));

const exists = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

/** From where the directory really lies: a relative link is followed from there. */
const linkText = (directory: string, target: string): string =>
  relative(exists(directory) ? realpathSync(directory) : directory, target);

function place(result: LinkResult, name: string, text: string, dryRun: boolean): void {
  const path = join(result.directory, name);
  const found = linkAt(path);
  if (found === text) result.kept.push(name);
  else if (found !== undefined && !isOurs(path, found)) result.skipped.push(name);
  else {
    if (!dryRun) putLink(path, text);
    result.created.push(name);
  }
}

/** By a rename: two installs at once both succeed, and npx never finds the name missing. */
function putLink(path: string, text: string): void {
  const temporary = join(dirname(path), `.addons-link.${process.pid}`);
  rmSync(temporary, { force: true });
  symlinkSync(text, temporary);
  renameSync(temporary, path);
}

function dropStale(result: LinkResult, name: string, dryRun: boolean): void {
  const path = join(result.directory, name);
  if (!isOurs(path, linkAt(path) ?? '')) return;
  if (!dryRun) unlinkSync(path);
  result.removed.push(name);
}

const presentNames = (directory: string): string[] =>
  exists(directory) ? readdirSync(directory).filter((name) => name.startsWith('addons:')) : [];

/** The link's text; '' for a file that is no link; undefined for nothing. */
function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    if (error instanceof Error && 'code' in error && error.code === 'EINVAL') return '';
    throw error;
  }
}

/** A link to the `dist/cli.cjs` of a package of our name, or to one that is gone. */
function isOurs(path: string, text: string): boolean {
  if (!text.endsWith('dist/cli.cjs')) return false;
  const target = resolve(dirname(path), text);
  if (!exists(target)) return true;
  try {
    return JSON.parse(readFileSync(join(dirname(target), '..', 'package.json'), 'utf8')).name === 'paas-addons';
  } catch {
    return false;
  }
}
