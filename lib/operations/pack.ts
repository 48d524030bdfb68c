import { join, resolve } from 'node:path';
import { AddonsError } from '../errors.ts';
import { leftOutOf } from '../packages/left-out.ts';
import { isVersion } from '../packages/manifest.ts';
import { writePackageFile } from '../packages/package-file.ts';
import { manifestOf, type Packing } from '../packages/write-package.ts';
import { readDescriptor } from '../scripts/addon.ts';
import { readTree } from '../state/tree.ts';
import { build } from './build.ts';
import type { Context } from './context.ts';
import { examine } from './examine.ts';
import { findDirectory, nameOfDirectory } from './own-directory.ts';
import type { PackOptions, PackResult } from './results.ts';

/**
 * Packs an add-on's directory, dependencies inside, into one file. It is built first. The same content gives the same bytes.
 *
 * @throws {AddonsError} `addon-not-found`, `script-not-found`, `malformed`, `script-failed`; `conflict` for a file that changes
 * meanwhile
 */
export async function pack(context: Context, directory: string, { output }: PackOptions = {}): Promise<PackResult> {
  const root = findDirectory(directory);
  const name = nameOfDirectory(root);
  const built = await build(context, root);
  if (!context.dryRun)
    await examine(context, { word: root, source: { kind: 'directory', path: root, name }, name, force: false }, root);
  const { version } = readDescriptor(root);
  const packing = { root, name, version: checkVersion(root, version), branches: readTree(root, await leftOutOf(root)) };
  const result = await packInto(context, packing, output, 0o644);
  return { ...result, steps: [...built.steps, ...result.steps] };
}

/** @param output a file, or undefined for the usual name in the current directory */
export async function packInto(
  context: Context,
  packing: Packing,
  output: string | undefined,
  mode: number,
): Promise<PackResult> {
  const { name, version } = packing;
  const path = resolve(output ?? `${name}-${version}.addon`);
  const about = { addon: name, version, file: path };
  if (context.dryRun) return { ...about, outcome: 'planned', steps: [`write ${path}`] };
  const manifest = manifestOf(packing);
  const bytes = await writePackageFile(context.store.disk, path, packing, manifest, mode);
  const files = Object.keys(manifest.content).length;
  return { ...about, outcome: 'done', hash: manifest.hash, files, bytes, steps: [] };
}

/** Without a version it has the lowest. */
export function checkVersion(root: string, version = '0.0.0'): string {
  if (isVersion(version)) return version;
  throw new AddonsError('malformed', `${join(root, 'addon.toml')} has a version that no file can be named after.`, {
    hint: 'Write addon.version with letters, digits, ".", "-", "+", "_" and "~", such as "1.0.0".',
  });
}
