import { path } from '../files.ts';
import { deleteEntry, entries, runs, unlinkOwner } from '../journal.ts';
import { free } from '../locks.ts';
import type { Me, State } from '../state.ts';
import { BLOCKED, type Steps, step } from '../steps.ts';

/** 128 + SIGTERM: what a wrapper that outlives its script for a moment writes. */
const TERMINATED = 143;

/**
 * What any command does instead of going on, once it is told to stop: kills the groups of its scripts, waits for them
 * and leaves its entries ownerless, so that the next recovery need not wait until this process is dead.
 */
export function* giveUp(me: Me): Steps {
  yield* step('give up: unlock, kill the scripts', (s, choose) => {
    free(s, me.pid);
    for (const pid of groupsOf(s, me.pid)) {
      const group = s.processes[pid];
      // The script may die first and the wrapper still tell so, or all of the group dies at once.
      if (group?.started && !group.orphan && choose(2)) group.killed ??= TERMINATED;
      else delete s.processes[pid];
    }
  });
  yield* step('give up: wait for the scripts', (s) => (groupsOf(s, me.pid).length ? BLOCKED : null));
  for (;;) {
    const own = yield* step('give up: an entry left?', (s) => {
      const left = ownedBy(s, me.pid).at(-1);
      return left ?? null;
    });
    if (!own) return;
    const { giveUpDeletes, giveUpForgets } = me.setting.protocol;
    const forget = giveUpForgets && (yield* step('ran nothing?', (s) => !runs(s, own).length));
    if (giveUpDeletes || forget) yield* deleteEntry(me, own);
    else yield* unlinkOwner(own);
  }
}

/** Entries that this process works on: its own, and one that it recovers. */
export const ownedBy = (s: State, pid: string): string[] =>
  entries(s).flatMap(({ entry }) => (s.files[path.owner(entry)] === pid ? [entry] : []));

/** Pids of the wrappers that this process started. */
export const groupsOf = (s: State, pid: string): string[] =>
  Object.entries(s.processes).flatMap(([wrapper, { program }]) =>
    program[0] === 'wrapper' && program[1].parent === pid ? [wrapper] : [],
  );
