import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Extract, Header } from 'tar-stream';
import { AddonsError, fromSystem, systemCode } from '../errors.ts';
import { MANIFEST_NAME, MOST_BRANCHES, MOST_BYTES, staysBelow, tooLarge } from '../state/tree.ts';
import type { Content, Item } from './content.ts';
import { damaged, hostile, isPath, type PackageManifest, parseManifest } from './manifest.ts';

/** Takes what a package holds, in its order; a directory comes before what lies in it. */
export interface Taker {
  directory(path: string): void;
  link(path: string, to: string): void;
  /** Called once, then with each piece of the file. */
  file(path: string, executable: boolean): { write(piece: Uint8Array): void; end(): void };
}

/** What a package says of itself; nothing behind that is read. @throws as `readPackage` */
export const readManifest = (file: string): Promise<PackageManifest> =>
  withEntries(file, async (entries) => (await firstOf(entries, file)).manifest);

/**
 * Reads a package to its end. Nothing is believed: every file must have the hash that was said of it, and nothing may be there
 * that was not said.
 *
 * @throws {AddonsError} `addon-not-found` where there is none; `malformed` for one that is damaged, hostile, too large or of a
 * newer format; `permission`, `io`
 */
export const readPackage = (file: string, taker: Taker): Promise<PackageManifest> =>
  withEntries(file, async (entries) => {
    const { manifest, rest } = await firstOf(entries, file);
    const seen = new Map<string, Item>();
    let bytes = 0;
    for await (const entry of rest) {
      const { path, item } = expected(entry.header, manifest.content, seen, file);
      seen.set(path, item);
      bytes += 'size' in item ? item.size : 0;
      if (bytes > MOST_BYTES || seen.size > MOST_BRANCHES) throw tooLarge(file);
      if ('directory' in item) taker.directory(path);
      else if ('link' in item) taker.link(path, item.link);
      else await takeFile(entry, path, item, taker, file);
      entry.resume(); // what holds nothing, too, must be read to its end
    }
    const missing = Object.keys(manifest.content).find((path) => !seen.has(path));
    if (missing !== undefined) throw damaged(file, `${missing} is missing`);
    return manifest;
  });

/** One file, directory or link of an archive. */
type Entry = Extract extends AsyncIterable<infer One> ? One : never;

/** The library's types do not say of what a stream is. */
const bytesOf = (entry: Entry) => entry as AsyncIterable<Uint8Array>;

async function firstOf(entries: AsyncIterator<Entry>, file: string) {
  const first = await entries.next();
  if (first.done || first.value.header.name !== MANIFEST_NAME)
    throw damaged(file, `it does not begin with ${MANIFEST_NAME}`);
  const entry = first.value;
  if (entry.header.size > MOST_MANIFEST) throw tooLarge(file);
  const pieces: Uint8Array[] = [];
  for await (const piece of bytesOf(entry)) pieces.push(piece);
  const manifest = parseManifest(Buffer.concat(pieces).toString(), file);
  return { manifest, rest: { [Symbol.asyncIterator]: () => entries } };
}

const MOST_MANIFEST = 8 * 1024 * 1024; // bytes

/** What the manifest says of an entry. @throws {AddonsError} for an entry of which it says something else, or nothing */
function expected(header: Header, content: Content, seen: ReadonlyMap<string, Item>, file: string) {
  const path = header.name.replace(/\/$/, '');
  if (!isPath(path))
    throw hostile(file, `it holds ${JSON.stringify(header.name.slice(0, 200))}, which leads elsewhere`);
  if ((header.mode & 0o7000) !== 0)
    throw hostile(file, `${path} would run as another user or group (set-uid, set-gid)`);
  const kind = header.type;
  if (kind === 'symlink' && !staysBelow(path, header.linkname)) {
    throw hostile(file, `${path} is a link that leads out of the package, to ${header.linkname}`);
  }
  if (kind !== 'file' && kind !== 'directory' && kind !== 'symlink')
    throw hostile(file, `${path} is neither a file nor a directory nor a link (${kind})`);
  if (seen.has(path)) throw hostile(file, `it holds ${path} twice`);
  const parent = path.includes('/') ? seen.get(path.slice(0, path.lastIndexOf('/'))) : { directory: true };
  if (parent === undefined || !('directory' in parent))
    throw hostile(file, `${path} lies in what is no directory of it`);
  const item = Object.hasOwn(content, path) ? content[path] : undefined;
  if (item === undefined) throw damaged(file, `it holds ${path}, of which it does not tell`);
  const isSo =
    kind === 'directory'
      ? 'directory' in item
      : kind === 'symlink'
        ? 'link' in item && item.link === header.linkname
        : 'sha256' in item && item.size === header.size;
  if (!isSo) throw damaged(file, `${path} is not what it is said to be`);
  return { path, item };
}

async function takeFile(entry: Entry, path: string, item: Item, taker: Taker, file: string): Promise<void> {
  if (!('sha256' in item)) return;
  const hash = createHash('sha256');
  const taken = taker.file(path, item.executable ?? false);
  try {
    for await (const piece of bytesOf(entry)) {
      hash.update(piece);
      taken.write(piece);
    }
  } finally {
    taken.end();
  }
  if (hash.digest('hex') !== item.sha256) throw damaged(file, `${path} has another hash than it should`);
}

async function withEntries<T>(file: string, read: (entries: AsyncIterator<Entry>) => Promise<T>): Promise<T> {
  checkIsFile(file);
  const { default: tar } = await import('tar-stream');
  const unpacked = tar.extract();
  const stop = new AbortController();
  let failed: unknown;
  const flowing = pipeline(createReadStream(file), createGunzip(), limit(file), unpacked, {
    signal: stop.signal,
  }).catch((error) => {
    failed ??= error;
  });
  try {
    return await read(unpacked[Symbol.asyncIterator]());
  } catch (error) {
    throw error instanceof AddonsError ? error : explained(file, failed ?? error);
  } finally {
    stop.abort();
    await flowing;
  }
}

/** However small the file is, what comes out of it is not without end. */
function limit(file: string): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES + MOST_MANIFEST + MOST_BRANCHES * 1024) done(tooLarge(file));
      else done(null, chunk);
    },
  });
}

function checkIsFile(file: string): void {
  try {
    if (statSync(file).isFile()) return;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ENOTDIR') throw fromSystem(error, file);
  }
  throw new AddonsError('addon-not-found', `There is no package ${file}.`, {
    hint: 'Name a file that addons pack made.',
  });
}

/** What streams say of a file that is no package, or only a part of one. */
function explained(file: string, error: unknown): unknown {
  if (error instanceof AddonsError) return error;
  const code = systemCode(error) ?? '';
  const message = error instanceof Error ? error.message : '';
  if (code === 'Z_BUF_ERROR' || /unexpected end/i.test(message)) return damaged(file, 'it is cut off');
  if (code.startsWith('Z_')) return damaged(file, 'it cannot be decompressed');
  if (/tar|header|checksum/i.test(message)) return damaged(file, 'its archive cannot be read');
  return fromSystem(error, file);
}
