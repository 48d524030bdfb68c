import { type Files, type Path, path, pathsOf } from './files.ts';
import type { Me, State } from './state.ts';
import { type Act, type Steps, step } from './steps.ts';

/** Writes a file, or unlinks it (null). Until it is synced a power loss may undo it. */
export function put<P extends Path>(s: State, at: P, value: Files[P] | null): void {
  if (s.setting.power && !(at in s.unsynced)) s.unsynced[at] = s.files[at] ?? null;
  if (value === null) delete s.files[at];
  else s.files[at] = value;
}

export function sync(s: State, at: Path): void {
  delete s.unsynced[at];
}

interface DurableOptions {
  /** Done in the same step as the sync. */
  after?: (s: State) => void;
  /** False: the sync is forgotten. */
  synced?: boolean;
}

/** A write with its sync: one step, or two where power may fail in between. */
export function* durable<R>(
  me: Me,
  label: string,
  paths: Path[],
  write: Act<R>,
  { after = () => {}, synced = true }: DurableOptions = {},
): Steps<R> {
  if (!me.setting.power) {
    return yield* step(label, (s, choose) => {
      const result = write(s, choose);
      after(s);
      return result;
    });
  }
  const result = yield* step(label, write);
  yield* step(`${label}: sync`, (s) => {
    if (synced) for (const at of paths) sync(s, at);
    after(s);
  });
  return result;
}

/** Removes everything below a directory, for good. */
export function erase(s: State, directory: string): void {
  for (const at of pathsOf(s.files)) {
    if (!at.startsWith(directory)) continue;
    delete s.files[at];
    delete s.unsynced[at];
  }
}

/** Power fails: each unsynced path of `lost` is what it was at its last sync, and nothing runs any more. */
export function losePower(s: State, lost: Path[]): void {
  s.processes = {};
  s.done = 0;
  for (const at of lost) takeBack(s, at);
  s.unsynced = {};
  for (const at of pathsOf(s.files)) {
    const [root, entry = '', run] = at.split('/');
    if (root !== 'j') continue;
    const inEntry = `j/${entry}/`;
    if (!s.files[path.op(entry)] || s.files[path.gone(entry)]) erase(s, inEntry);
    else if (run?.startsWith('run') && !(`${inEntry}${run}/for` in s.files)) erase(s, `${inEntry}${run}/`);
  }
}

function takeBack<P extends Path>(s: State, at: P): void {
  const before: Files[P] | null | undefined = s.unsynced[at];
  if (before === null || before === undefined) delete s.files[at];
  else s.files[at] = before;
}
