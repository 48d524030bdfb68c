import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromSystem, systemCode } from '../errors.ts';
import { isLeftOut, type LeftOut } from '../state/tree.ts';

/**
 * What of a directory is no part of the add-on: what `.addonignore` names, in the syntax of `.gitignore`, and what comes about by
 * itself.
 *
 * @throws {AddonsError} `permission`, `io`
 */
export async function leftOutOf(root: string): Promise<LeftOut> {
  const { default: ignore } = await import('ignore');
  const rules = ignore()
    .add(ALWAYS)
    .add(patternsIn(join(root, '.addonignore')));
  return (path, isDirectory) => isLeftOut(path, isDirectory) || rules.ignores(isDirectory ? `${path}/` : path);
}

/** Packages that were made here before, and compiled Python, which holds times. */
const ALWAYS = ['/*.addon', '__pycache__/'];

function patternsIn(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return '';
    throw fromSystem(error, path);
  }
}
