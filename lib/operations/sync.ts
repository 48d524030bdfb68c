import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AddonsError, fromSystem, systemCode } from '../errors.ts';
import { placeOf } from '../state/versions.ts';
import type { Context } from './context.ts';
import { installSource } from './install.ts';
import { packageSource, type Source } from './install-source.ts';
import type { SyncEnd } from './results.ts';

/**
 * Installs every package of `/etc/x/add-ons.d`, in place of a version of other content, whatever its number. What is a link to a
 * developer's directory is kept. One that fails does not stop the rest.
 *
 * @throws {AddonsError} `permission`, `io` where the directory cannot be read; `aborted`
 */
export async function* sync(context: Context): AsyncGenerator<SyncEnd, void, undefined> {
  const files = packagesIn(context.store.platform.provisioned);
  const sources = await Promise.all(files.map(sourceOf));
  for (const source of sources) {
    try {
      if ('error' in source) throw source.error;
      const twin = sources.find((other) => other !== source && !('error' in other) && other.name === source.name);
      if (twin !== undefined) throw twins(source, twin.path);
      yield await syncOne(context, source);
    } catch (error) {
      if (!(error instanceof AddonsError) || error.code === 'aborted') throw error;
      yield { file: source.path, ...('name' in source && { addon: source.name }), error };
    }
  }
}

async function syncOne(context: Context, source: Source): Promise<SyncEnd> {
  const { path, name } = source;
  const { platform } = context.store;
  if (placeOf(platform, name) === 'developed') {
    context.tell({ type: 'note', message: `${name} is a link to a developer's directory, and is kept` });
    return { file: path, addon: name, outcome: 'unchanged', steps: [] };
  }
  const { outcome, version, replaced, steps } = await installSource(context, { word: path, source, name, force: true });
  return {
    file: path,
    addon: name,
    outcome,
    ...(version !== undefined && { version }),
    ...(replaced !== undefined && { replaced }),
    steps,
  };
}

async function sourceOf(path: string): Promise<Source | { path: string; error: unknown }> {
  try {
    return await packageSource(path);
  } catch (error) {
    return { path, error };
  }
}

function packagesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.addon') && !name.startsWith('.'))
      .sort()
      .map((name) => join(directory, name));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fromSystem(error, directory);
  }
}

const twins = ({ path, name }: Source, other: string) =>
  new AddonsError('conflict', `${path} and ${other} are both packages of ${name}: neither was installed.`, {
    hint: 'Leave the one that is wanted.',
    details: { addon: name },
  });
