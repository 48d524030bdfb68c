import { statSync } from 'node:fs';
import { join } from 'node:path';
import { AddonsError } from '../errors.ts';
import { watchFiles } from '../packages/watch-files.ts';
import { readDescriptor } from '../scripts/addon.ts';
import { build } from './build.ts';
import type { Context } from './context.ts';
import { examine } from './examine.ts';
import { findDirectory, nameOfDirectory } from './own-directory.ts';
import type { WatchEnd } from './results.ts';

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
  let built: Span | undefined;
  for await (const changed of watchFiles(root, watched, REST, signal)) {
    const files = changed.filter((file) => !isOf(built, join(root, file)));
    if (changed.length > 0 && files.length === 0) continue;
    const from = Date.now();
    try {
      await build(context, root);
      built = { from, to: Date.now() };
      await examine(context, { word: root, source: { kind: 'directory', path: root, name }, name, force: false }, root);
      yield { files, outcome: 'done' };
    } catch (error) {
      if (!(error instanceof AddonsError) || error.code === 'aborted') throw error;
      yield { files, error };
    }
  }
}

/** Milliseconds. */
const REST = 300;

interface Span {
  from: number;
  to: number;
}

/** What a `build` hook wrote is no reason to build again. */
function isOf(span: Span | undefined, path: string): boolean {
  const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return span !== undefined && changed !== undefined && changed >= span.from && changed <= span.to;
}
