import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Header, Pack } from 'tar-stream';
import { FORMAT } from '../addon/descriptor-keys.ts';
import { AddonsError } from '../errors.ts';
import { type Branch, MANIFEST_NAME } from '../state/tree.ts';
import { type Content, contentOf, hashOf, type Item, piecesOf, type Replaced } from './content.ts';
import { manifestText, type PackageManifest } from './manifest.ts';

/** What is to be packed. */
export interface Packing {
  /** Absolute. */
  root: string;
  branches: readonly Branch[];
  name: string;
  version: string;
  replaced?: Replaced;
}

export function manifestOf({ root, branches, name, version, replaced }: Packing): PackageManifest {
  const content = contentOf(root, branches, replaced);
  return { format: FORMAT, name, version, hash: hashOf(content), content };
}

/**
 * Writes a package to an open file. The same content gives the same bytes: sorted, without times and owners.
 *
 * @throws {AddonsError} `conflict` for a file that changes meanwhile
 */
export async function writePackage(packing: Packing, manifest: PackageManifest, fd: number): Promise<void> {
  const { default: stream } = await import('tar-stream');
  const tar = stream.pack();
  const file = createWriteStream('', { fd, autoClose: false });
  const written = pipeline(tar, createGzip({ level: 9 }), file);
  const filled = fill(tar, packing, manifest).catch((error) => {
    tar.destroy(error);
    throw error;
  });
  // What the filling says is the reason for what the pipeline says.
  await Promise.allSettled([filled, written]);
  await filled;
  await written;
}

async function fill(tar: Pack, { root, replaced }: Packing, manifest: PackageManifest): Promise<void> {
  const text = Buffer.from(manifestText(manifest));
  await put(tar, { name: MANIFEST_NAME, mode: 0o644, size: text.length }, [text]);
  for (const path of Object.keys(manifest.content).sort()) {
    const item = itemOf(manifest.content, path);
    const mode = 'sha256' in item && !item.executable ? 0o644 : 0o755;
    if ('directory' in item) await put(tar, { name: path, mode, type: 'directory' });
    else if ('link' in item) await put(tar, { name: path, mode, type: 'symlink', linkname: item.link });
    else {
      const bytes = replaced?.get(path);
      const pieces = bytes === undefined ? piecesOf(join(root, path)) : [bytes];
      await put(tar, { name: path, mode, size: item.size }, unchanged(pieces, item, join(root, path)));
    }
  }
  tar.finalize();
}

/** What would tell when and where it was made. */
const ALWAYS = {
  mtime: new Date(0),
  uid: 0,
  gid: 0,
  uname: '',
  gname: '',
};

function itemOf(content: Content, path: string): Item {
  return content[path] ?? { directory: true };
}

type About = Pick<Header, 'name' | 'mode'> & Partial<Pick<Header, 'type' | 'linkname' | 'size'>>;

/** Resolves when it has left this process. */
function put(tar: Pack, about: About, pieces: Iterable<Uint8Array> = []): Promise<void> {
  return new Promise((resolve, reject) => {
    const entry = tar.entry({ ...ALWAYS, ...about }, (error) => (error ? reject(error) : resolve()));
    entry.on('error', reject);
    if (about.type === undefined) pour(pieces, entry).catch(reject);
  });
}

async function pour(pieces: Iterable<Uint8Array>, entry: ReturnType<Pack['entry']>): Promise<void> {
  for (const piece of pieces) if (!entry.write(piece)) await once(entry, 'drain');
  entry.end(null);
}

/** The pieces of a file as long as they are what was looked at. */
function* unchanged(pieces: Iterable<Uint8Array>, item: { sha256: string; size: number }, path: string) {
  const hash = createHash('sha256');
  let size = 0;
  for (const piece of pieces) {
    hash.update(piece);
    size += piece.length;
    if (size > item.size) throw changed(path);
    yield piece;
  }
  if (size !== item.size || hash.digest('hex') !== item.sha256) throw changed(path);
}

const changed = (path: string) =>
  new AddonsError('conflict', `${path} was changed while it was packed.`, { hint: 'Run the command again.' });
