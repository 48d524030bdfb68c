import { realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { AddonsError } from '../errors.ts';
import { isAddonName, suggestion } from '../names.ts';
import type { PackageManifest } from '../packages/manifest.ts';
import type { Platform } from '../platform.ts';
import { shippedNames } from './addons.ts';

/** What is to be installed, and the name it has without another being given. */
export type Source =
  | { kind: 'directory'; path: string; name: string }
  | { kind: 'package'; path: string; name: string; manifest: PackageManifest };

/**
 * A word with a `/` is a directory or a package. Another is an add-on that comes with this package, and a directory or a file
 * only where there is no such: what lies about where the command is typed must not change what `redis` means.
 *
 * @throws {AddonsError} `addon-not-found`; `malformed` for a file that is no package
 */
export async function findSource(platform: Platform, word: string): Promise<Source> {
  const shipped = shippedNames(platform);
  const path = shipped.includes(word) ? join(platform.shipped ?? '', word) : resolve(word);
  const kind = word === '' ? undefined : kindOf(path);
  if (kind === 'directory') return { kind, path: realpathSync.native(path), name: basename(path) };
  if (kind === 'package') return packageSource(path);
  throw word.includes('/') ? noDirectory(path) : noSource(word, shipped);
}

export async function packageSource(path: string): Promise<Source> {
  const { readManifest } = await import('../packages/read-package.ts');
  const manifest = await readManifest(path);
  return { kind: 'package', path, name: manifest.name, manifest };
}

function kindOf(path: string): Source['kind'] | undefined {
  try {
    const found = statSync(path);
    return found.isDirectory() ? 'directory' : found.isFile() ? 'package' : undefined;
  } catch {
    return undefined;
  }
}

const noDirectory = (path: string) =>
  new AddonsError('addon-not-found', `There is no directory and no package ${path}.`, {
    hint: "Give an add-on's directory or package, or the name of one that comes with this package.",
  });

const noSource = (word: string, shipped: string[]) =>
  new AddonsError(
    'addon-not-found',
    `No add-on ${JSON.stringify(word)} comes with this package, and there is no such directory or file.${suggestion(word, shipped)}`,
    {
      hint: `Name a directory, as in ./${isAddonName(word) ? word : 'my-add-on'}${
        shipped.length > 0 ? `, or one of: ${shipped.join(', ')}` : ''
      }.`,
    },
  );
