import { put } from './disk.ts';
import { path } from './files.ts';
import { linesOf, runs } from './journal.ts';
import { resultOf } from './judge.ts';
import type { AddOperation } from './operation.ts';
import type { Me, State } from './state.ts';
import { type Steps, step } from './steps.ts';
import { run } from './wrapper.ts';

/** Whether the new resource has the data: only `restore` with exit status 0 says so. */
export function isCopied(s: State, entry: string, id: string): 'done' | 'failed' | 'unknown' {
  const last = runs(s, entry).findLast((one) => one.script === 'restore' && one.arg === id && one.pid === 'wrapper');
  return last ? resultOf(s, last) : 'unknown';
}

/** Dumps the source into the entry and restores from there. What an earlier attempt dumped counts for nothing. False: the source is gone. */
export function* copyData(me: Me, entry: string, op: AddOperation, id: string): Steps<boolean> {
  const { copyOf } = op;
  if (!copyOf) return true;
  const at = path.dump(entry);
  const reuse = me.setting.protocol.dumpReused && (yield* step('a dump there?', (s) => at in s.files));
  if (!reuse) {
    yield* step('dump begins', (s) => put(s, at, 'part'));
    const dumped = yield* step('dump ends', (s) => {
      const line = linesOf(s, copyOf.ino).some((x) => x.addon === op.addon && x.id === copyOf.id);
      if (!line || !s.resources[copyOf.id]) return false;
      put(s, at, copyOf.id);
      return true;
    });
    if (!dumped) return false;
  }
  yield* run(me, entry, op, 'restore', id);
  return true;
}
