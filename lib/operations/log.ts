import { AddonsError } from '../errors.ts';
import { suggestion } from '../names.ts';
import { appNames } from '../state/apps.ts';
import { type LineReader, openLogReader } from '../state/log-reader.ts';
import { installedNames, shippedNames } from './addons.ts';
import type { Context } from './context.ts';
import { parseLogLine } from './log-entry.ts';
import type { CallOptions, LogAbout, LogEntry } from './results.ts';

/** The operations log, oldest first. With `follow` it goes on with what happens, until the signal. */
export async function* log(
  context: Context,
  about: LogAbout = {},
  { follow = false, last = 0 }: CallOptions & { follow?: boolean | undefined; last?: number | undefined } = {},
): AsyncGenerator<LogEntry> {
  const reader = openLogReader(context.store);
  const isAbout = filterOf(about);
  try {
    let any = false;
    for (const entry of last > 0 ? newest(reader, last, isAbout) : entriesOf(reader.lines(), isAbout)) {
      any = true;
      yield entry;
    }
    // Only now is it known whether the log has ever heard of it.
    if (!any) refuseUnknown(context, about);
    if (follow) {
      for await (const line of reader.follow(context.signal)) yield* entriesOf([line], isAbout);
    }
  } finally {
    reader.close();
  }
}

type Filter = (entry: LogEntry) => boolean;

function filterOf({ app, addon, name }: LogAbout): Filter {
  return (entry) =>
    (app === undefined || entry.app === app) &&
    (addon === undefined || entry.addon === addon) &&
    (name === undefined || entry.app === name || entry.addon === name);
}

function* entriesOf(lines: Iterable<string>, isAbout: Filter): Generator<LogEntry> {
  for (const line of lines) {
    const entry = parseLogLine(line);
    if (entry && isAbout(entry)) yield entry;
  }
}

/** Part by part from the end: mostly the newest has enough, and no more than `last` are held at once. */
function newest(reader: LineReader, last: number, isAbout: Filter): LogEntry[] {
  let found: LogEntry[] = [];
  for (const part of reader.partsFromTheEnd()) {
    const room = last - found.length;
    // Read to its end even where nothing of it counts: a follower goes on from there.
    const ring: LogEntry[] = [];
    let at = 0;
    for (const entry of entriesOf(part, isAbout)) ring[at++ % room] = entry;
    const start = ring.length < room ? 0 : at % room;
    found = [...ring.slice(start), ...ring.slice(0, start), ...found];
    if (found.length === last) break;
  }
  return found;
}

/**
 * A name that is nothing's, and of which nothing is told either, is a slip of the pen.
 *
 * @throws {AddonsError} `app-not-found`, `addon-not-found` with the nearest name
 */
export function refuseUnknown(
  { store: { platform } }: Context,
  { app, addon, name }: LogAbout,
  teller: 'the log' | 'the history' = 'the log',
): void {
  const apps = appNames(platform);
  const addons = [...new Set([...installedNames(platform), ...shippedNames(platform)])];
  const check = (
    word: string | undefined,
    noun: string,
    known: string[],
    code: 'app-not-found' | 'addon-not-found',
  ) => {
    if (word === undefined || known.includes(word)) return;
    const quoted = JSON.stringify(word.slice(0, 80));
    throw new AddonsError(
      code,
      `There is no ${noun} ${quoted}, and ${teller} tells of none.${suggestion(word, known)}`,
      {
        hint: `See all that was done: addons ${teller === 'the log' ? 'log' : 'executions'}`,
      },
    );
  };
  check(app, 'app', apps, 'app-not-found');
  check(addon, 'add-on', addons, 'addon-not-found');
  check(name, 'app and no add-on', [...apps, ...addons], 'app-not-found');
}
