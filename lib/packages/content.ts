import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { fromSystem } from '../errors.ts';
import type { Branch } from '../state/tree.ts';

/** What a package holds, by path: its identity, whenever and wherever it was made. */
export type Content = Readonly<Record<string, Item>>;

export type Item = { sha256: string; size: number; executable?: true } | { link: string } | { directory: true };

/** Bytes in place of those of a file. */
export type Replaced = ReadonlyMap<string, Uint8Array>;

/** @param root absolute; `branches` are what was read there */
export const contentOf = (root: string, branches: readonly Branch[], replaced: Replaced = new Map()): Content =>
  Object.fromEntries(branches.map((branch) => [branch.path, itemOf(root, branch, replaced.get(branch.path))]));

/** The same for the same content, whatever the order. */
export const hashOf = (content: Content): string =>
  createHash('sha256')
    .update(
      JSON.stringify(
        Object.keys(content)
          .sort()
          .map((path) => [path, canonical(content[path])]),
      ),
    )
    .digest('hex');

export const isSameContent = (one: Content, other: Content): boolean => hashOf(one) === hashOf(other);

function itemOf(root: string, { path, kind, to, executable, size }: Branch, bytes?: Uint8Array): Item {
  if (kind === 'directory') return { directory: true };
  if (kind === 'link') return { link: to };
  const sha256 = bytes === undefined ? hashOfFile(join(root, path)) : createHash('sha256').update(bytes).digest('hex');
  return { sha256, size: bytes?.length ?? size, ...(executable && { executable }) };
}

const canonical = (item: Item | undefined) => item && Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1));

/** Piece by piece: it may be large. */
function hashOfFile(path: string): string {
  const hash = createHash('sha256');
  for (const piece of piecesOf(path)) hash.update(piece);
  return hash.digest('hex');
}

/** @throws {AddonsError} `permission`, `io` */
export function* piecesOf(path: string): Generator<Buffer, void, undefined> {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const piece = Buffer.alloc(PIECE);
    for (let length = readSync(fd, piece); length > 0; length = readSync(fd, piece)) {
      yield Buffer.from(piece.subarray(0, length)); // a copy: its reader may keep it
    }
  } catch (error) {
    throw fromSystem(error, path);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

const PIECE = 256 * 1024;
