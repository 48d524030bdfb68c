import { durable, put } from './disk.ts';
import { type Line, path } from './files.ts';
import type { Output, ScriptName } from './job.ts';
import { deleteEntry, linesOf, unlinkOwner } from './journal.ts';
import { judgeLast } from './judge.ts';
import { appLock, lockOf, take } from './locks.ts';
import { type AddonOperation, type AppOperation, idOf, type LineOperation, type Operation } from './operation.ts';
import { settleAdd } from './settle-add.ts';
import type { Me } from './state.ts';
import { BLOCKED, type Steps, step } from './steps.ts';
import { run } from './wrapper.ts';

/** How an operation ends, in the command itself as in recovery. */
export function* settle(me: Me, entry: string, op: Operation): Steps {
  switch (op.kind) {
    case 'add':
      return yield* settleAdd(me, entry, op);
    case 'remove':
      return yield* forward(me, entry, op, 'unprovision', () => dropLine(me, op));
    case 'rotate':
      return yield* forward(me, entry, op, 'rotate', (out) => replacePrivate(me, op, out));
    case 'enable':
      return yield* forward(me, entry, op, 'enable', () => writeMarker(me, op));
    case 'disable':
      return yield* settleDisable(me, entry, op);
  }
}

/** Forward on exit 0, run again on an unknown result, give in on failure. */
function* forward(
  me: Me,
  entry: string,
  op: Operation,
  script: ScriptName,
  commit: (out: Output | null) => Steps,
): Steps {
  for (;;) {
    const verdict = yield* step(`judge ${script}`, (s) => judgeLast(s, entry));
    if (verdict.todo === 'look again') continue;
    if (verdict.todo === 'again') {
      yield* run(me, entry, op, script, idOf(op));
      continue;
    }
    if (verdict.todo === 'commit') yield* commit(verdict.out);
    return yield* deleteEntry(me, entry);
  }
}

function* dropLine(me: Me, op: LineOperation): Steps {
  const [addons, env] = [path.addons(op.ino), path.env(op.ino)];
  const kept = yield* readUnderLock(me, op, (lines) =>
    lines.filter((line) => line.id !== op.id || line.addon !== op.addon),
  );
  yield* durable(me, 'drop line', [addons], (s) => {
    if (s.files[addons]) put(s, addons, kept);
  });
  yield* durable(me, 'drop config var', [env], (s) => {
    const { [op.addon]: gone, ...rest } = s.files[env] ?? {};
    if (gone) put(s, env, rest);
  });
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
