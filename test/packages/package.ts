import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { onTestFinished } from 'vitest';
import { type Content, hashOf, type Item } from '../../lib/packages/content.ts';
import { manifestText } from '../../lib/packages/manifest.ts';
import { manifestOf, type Packing, writePackage } from '../../lib/packages/write-package.ts';
import { readTree } from '../../lib/state/tree.ts';

/** A directory that is gone after the test. */
export function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'package-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Files by path: their text; those whose text begins with `#!` can be executed. */
export function write(root: string, files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
  }
  return root;
}

/** Packs a directory as it is. */
export async function packed(root: string, file: string, more: Partial<Packing> = {}): Promise<string> {
  const packing = { root, name: 'vault', version: '1.0.0', branches: readTree(root), ...more };
  const fd = openSync(file, 'w');
  await writePackage(packing, manifestOf(packing), fd);
  closeSync(fd);
  return file;
}

export type Part = Partial<Header> & { name: string; text?: string; said?: Item | null };

/** A package as nobody makes one: what is in it, and what it says of that, null: nothing. */
export async function forged(
  file: string,
  parts: readonly Part[],
  more: Record<string, unknown> = {},
): Promise<string> {
  const content: Record<string, Item> = {};
  for (const { name, type, linkname, text = '', said } of parts) {
    const sha256 = createHash('sha256').update(text).digest('hex');
    const usual: Item =
      type === 'directory'
        ? { directory: true }
        : type === 'symlink'
          ? { link: linkname ?? '' }
          : { sha256, size: text.length };
    if (said !== null) content[name] = said ?? usual;
  }
  const manifest = {
    format: 1,
    name: 'vault',
    version: '1.0.0',
    content: content as Content,
    hash: hashOf(content),
    ...more,
  };
  const tar = pack();
  tar.entry({ name: '.addon-manifest.json' }, manifestText(manifest));
  for (const { text = '', said, ...header } of parts) tar.entry(header, text);
  tar.finalize();
  const pieces: Uint8Array[] = [];
  for await (const piece of tar as AsyncIterable<Uint8Array>) pieces.push(piece); // its types do not say of what it is
  writeFileSync(file, gzipSync(Buffer.concat(pieces)));
  return file;
}
