import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AddonsError } from '../errors.ts';
import { watchFiles } from '../packages/watch-files.ts';
import { readDescriptor, realRoot } from '../scripts/addon.ts';
import { hasScript } from '../scripts/locate.ts';
import { isEnabled } from '../state/markers.ts';
import { installedNames } from './addons.ts';
import { build } from './build.ts';
import type { Context } from './context.ts';
import { refreshCrontab } from './crontab.ts';
import { examine } from './examine.ts';
import { findDirectory, nameOfDirectory } from './own-directory.ts';
import type { WatchEnd } from './results.ts';
import { tendDaemons } from './tend-daemons.ts';

/**
 * Builds and examines a developer's directory each time that something in it changed, until the signal. Of the first look, when
 * nothing can be missed any more, no files are told.
 *
 * @throws {AddonsError} `addon-not-found`; `malformed` for an `addon.toml` that is wrong from the beginning; `io`
 */
export async function* watch(context: Context, directory: string): AsyncGenerator<WatchEnd, void, undefined> {
  const root = findDirectory(directory);
  const name = nameOfDirectory(root);
  const { watched } = readDescriptor(root);
  const signal = context.signal ?? new AbortController().signal;
  let made = new Map<string, number>();
  for await (const changed of watchFiles(root, watched, REST, signal)) {
    const files = changed.filter((file) => !made.has(file) || made.get(file) !== changedAt(join(root, file)));
    if (changed.length > 0 && files.length === 0) continue;
    const begun = Date.now();
    try {
      await build(context, root);
      made = hasScript(root, 'build') ? changedSince(root, begun) : new Map();
      await examine(context, { word: root, source: { kind: 'directory', path: root, name }, name, force: false }, root);
      for (const used of usedNames(context, root)) {
        await refreshCrontab(context, used);
        // Those of what is not in force yet begin with it.
        if (files.length > 0 && isEnabled(context.store, used)) await tendDaemons(context, used, 'restart');
      }
      yield { files, outcome: 'done' };
    } catch (error) {
      if (!(error instanceof AddonsError) || error.code === 'aborted') throw error;
      yield { files, error };
    }
  }
}

/** By which names the directory is in use. */
const usedNames = ({ store }: Context, root: string): string[] =>
  installedNames(store.platform).filter((name) => realRoot(store.platform, name) === root);

/** Milliseconds. */
const REST = 300;

/** What a `build` hook wrote, by its path, and when: as long as it is that, it is no reason to build again. */
function changedSince(root: string, time: number): Map<string, number> {
  const found = readdirSync(root, { recursive: true, encoding: 'utf8' }).map(
    (path) => [path, changedAt(join(root, path))] as const,
  );
  return new Map(found.filter(([, changed]) => changed >= time - TICK));
}

/** Milliseconds that a file's time may be behind the clock. */
const TICK = 10;

const changedAt = (path: string): number => lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
