import { durable, put } from './disk.ts';
import { type Line, path } from './files.ts';
import type { Output } from './job.ts';
import { deleteEntry, linesOf, unlinkOwner } from './journal.ts';
import { judgeLast } from './judge.ts';
import { appLock, lockOf, take } from './locks.ts';
import type { AddonOperation, AppOperation, LineOperation, Operation } from './operation.ts';
import { settleAdd } from './settle-add.ts';
import { settleAdopt } from './settle-adopt.ts';
import { settleEmpty } from './settle-empty.ts';
import { settleMove } from './settle-move.ts';
import { settleRemove } from './settle-remove.ts';
import { settleRepeatable } from './settle-repeatable.ts';
import { settleUndo } from './settle-undo.ts';
import type { Me } from './state.ts';
import { BLOCKED, type Steps, step } from './steps.ts';
import { run } from './wrapper.ts';

/** How an operation ends, in the command itself as in recovery. */
export function* settle(me: Me, entry: string, op: Operation): Steps {
  switch (op.kind) {
    case 'add':
      return yield* settleAdd(me, entry, op);
    case 'remove':
      return yield* settleRemove(me, entry, op);
    case 'rotate':
      return yield* settleRepeatable(me, entry, op, 'rotate', (out) => replacePrivate(me, op, out));
    case 'adopt':
      return yield* settleAdopt(me, entry, op);
    case 'undo':
    case 'empty':
      return yield* op.kind === 'undo' ? settleUndo(me, entry, op, true) : settleEmpty(me, entry, op, true);
    case 'move':
      return yield* settleMove(me, entry, op);
    case 'enable':
      return yield* settleRepeatable(me, entry, op, 'enable', () => writeMarker(me, op));
    case 'disable':
      return yield* settleDisable(me, entry, op);
  }
}

function* replacePrivate(me: Me, op: LineOperation, out: Output | null): Steps {
  const addons = path.addons(op.ino);
  const lines = yield* readUnderLock(me, op, (now) =>
    now.map((line) => (line.id === op.id && out ? { ...line, private: out.private } : line)),
  );
  yield* durable(me, 'replace private', [addons], (s) => {
    if (s.files[addons]) put(s, addons, lines);
    s.ghost[`rotated ${op.ino}`] = 1;
  });
}

function* writeMarker(me: Me, op: AddonOperation): Steps {
  yield* lockAddon(me, op);
  yield* durable(me, 'write marker', [path.marker(op.addon)], (s) => put(s, path.marker(op.addon), 1));
}

/** Once `starting` is written there is no way back: the script runs until it succeeds, now or in a later recovery. */
export function* settleDisable(me: Me, entry: string, op: AddonOperation, alreadyRun = false): Steps {
  const starting = yield* step('starting?', (s) => path.starting(entry) in s.files);
  if (!starting) return yield* deleteEntry(me, entry);
  for (let hasRun = alreadyRun; ; ) {
    const verdict = yield* step('judge disable', (s) => judgeLast(s, entry));
    if (verdict.todo === 'look again') continue;
    if (verdict.todo === 'failed' && hasRun) return yield* unlinkOwner(entry); // adds stay out meanwhile
    if (verdict.todo === 'commit') break;
    yield* run(me, entry, op, 'disable');
    hasRun = true;
  }
  yield* lockAddon(me, op);
  const marker = path.marker(op.addon);
  yield* durable(me, 'unlink marker', [marker], (s) => put(s, marker, null), {
    synced: !me.setting.protocol.markerNotSynced,
  });
  yield* deleteEntry(me, entry);
}

const readUnderLock = (me: Me, op: AppOperation, change: (lines: Line[]) => Line[]) =>
  step('lock, read ADDONS', (s) => (take(s, appLock(s, op), me.pid) ? change(linesOf(s, op.ino)) : BLOCKED));

const lockAddon = (me: Me, op: AddonOperation) =>
  step('lock add-on', (s) => (take(s, lockOf(s, op), me.pid) ? null : BLOCKED));
