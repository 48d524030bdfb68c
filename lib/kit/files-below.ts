import { createHash } from 'node:crypto';
import { type Dirent, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What each file below a directory is, by its path from there: enough to see that one changed. */
export function fingerprints(root: string): Map<string, string> {
  return new Map(
    entriesBelow(root).map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [relative(root, path), fingerprint(path, entry)];
    }),
  );
}

/** Everything below a directory; what goes away meanwhile is left out. */
function entriesBelow(root: string): Dirent[] {
  return namesIn(root).flatMap((entry) =>
    entry.isDirectory() ? [entry, ...entriesBelow(join(entry.parentPath, entry.name))] : [entry],
  );
}

function fingerprint(path: string, entry: Dirent): string {
  try {
    const mode = lstatSync(path).mode.toString(8);
    if (entry.isSymbolicLink()) return `${mode} ${readlinkSync(path)}`;
    if (!entry.isFile()) return mode;
    return `${mode} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
  } catch {
    return 'gone';
  }
}

/** Files and directories that every user can get at. Links and sockets are told by what they lead to. */
export function reachableBelow(root: string): Dirent[] {
  return namesIn(root).flatMap((entry) => {
    if (entry.isFile()) return [entry];
    if (!entry.isDirectory()) return [];
    const path = join(entry.parentPath, entry.name);
    return isOpen(path) ? [entry, ...reachableBelow(path)] : [];
  });
}

function isOpen(directory: string): boolean {
  const stat = lstatSync(directory, { throwIfNoEntry: false });
  return stat !== undefined && (stat.mode & 0o001) !== 0;
}

function namesIn(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
