import { relative } from 'node:path';
import { AddonsError, systemCode } from '../errors.ts';
import { leftOutOf } from './left-out.ts';

/** Patterns as in `.gitignore`, below the directory. No `include`: everything. */
export interface Watched {
  include: readonly string[];
  exclude: readonly string[];
}

/**
 * The files of a directory that changed, each time that they have come to rest; ends at the signal. First, once nothing can be
 * missed any more, none.
 *
 * @param rest milliseconds without a change: an editor or a checkout writes several files at once
 * @throws {AddonsError} `io` where the system watches no more files
 */
export async function* watchFiles(
  root: string,
  watched: Watched,
  rest: number,
  signal: AbortSignal,
): AsyncGenerator<string[], void, undefined> {
  const [{ watch }, ignored] = await Promise.all([import('chokidar'), ignoredIn(root, watched)]);
  const changed = new Set<string>();
  let isAtRest = false;
  let failed: unknown;
  let timer: NodeJS.Timeout | undefined;
  let wake = () => {};
  const watcher = watch(root, { ignored, ignoreInitial: true, followSymlinks: false })
    .on('all', (_event, path) => {
      changed.add(relative(root, path));
      isAtRest = false;
      clearTimeout(timer);
      timer = setTimeout(() => {
        isAtRest = true;
        wake();
      }, rest);
    })
    .on('ready', () => {
      isAtRest = true;
      wake();
    })
    .on('error', (error) => {
      failed = error;
      wake();
    });
  const onAbort = () => wake();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    while (!signal.aborted) {
      if (failed !== undefined) throw unwatchable(root, failed);
      if (isAtRest) {
        isAtRest = false;
        const files = [...changed].sort();
        changed.clear();
        yield files;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    await watcher.close();
  }
}

async function ignoredIn(root: string, { include, exclude }: Watched) {
  const { default: ignore } = await import('ignore');
  const leftOut = await leftOutOf(root);
  const excluded = ignore()
    .add(ALWAYS)
    .add([...exclude]);
  const included = ignore().add([...include]);
  return (path: string, stats?: { isDirectory(): boolean }): boolean => {
    const way = relative(root, path);
    if (way === '') return false;
    const isDirectory = stats?.isDirectory() ?? false;
    if (leftOut(way, isDirectory) || excluded.ignores(isDirectory ? `${way}/` : way)) return true;
    // Before anything is known of it, a path may be a directory with what is to be watched.
    return include.length > 0 && stats !== undefined && !isDirectory && !included.ignores(way);
  };
}

/** What a build makes. */
const ALWAYS = ['/node_modules/', '/python_modules/'];

const unwatchable = (root: string, error: unknown) =>
  new AddonsError('io', `Cannot watch ${root}: ${systemCode(error) ?? 'unknown reason'}.`, {
    hint: 'Watch fewer files: [develop] exclude in addon.toml. On Linux: sysctl fs.inotify.max_user_watches',
    cause: error,
  });
