import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromSystem } from '../errors.ts';
import type { Branch } from '../state/tree.ts';

/**
 * Where a file of an add-on names the add-on itself instead of asking `$ADDON` and its like: `vault.sh, line 3`. Under another
 * name it would work on somebody else's files.
 */
export function hardCodedName(root: string, branches: readonly Branch[], name: string): string | undefined {
  const own = name.replace(/[.+]/g, String.raw`\$&`);
  const variable = name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
  const itself = new RegExp(String.raw`/\.?add-ons/${own}(?![\w.-])|(?<![A-Z0-9])[A-Z][A-Z0-9_]*_${variable}_URL\b`);
  for (const { path, kind, size } of branches) {
    if (kind !== 'file' || size > MOST || /\.md$/i.test(path)) continue;
    const line = linesOf(join(root, path)).findIndex((text) => itself.test(text) && !/^\s*#/.test(text));
    if (line >= 0) return `${path}, line ${line + 1}`;
  }
  return undefined;
}

const MOST = 1024 * 1024; // bytes; what is larger is data

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'latin1').split('\n');
  } catch (error) {
    throw fromSystem(error, path);
  }
}
