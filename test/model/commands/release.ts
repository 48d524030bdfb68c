import { durable, put } from '../disk.ts';
import { path } from '../files.ts';
import { entries, linesOf, ownerDead } from '../journal.ts';
import { appLock, free, take } from '../locks.ts';
import { isAbout, ofApp } from '../operation.ts';
import { recover } from '../recovery.ts';
import type { Me, State } from '../state.ts';
import { BLOCKED, type Steps, startAgain, step } from '../steps.ts';

/** Journals nothing: ENV is derived. At commit all that was read must still be so, else it computes again. */
export function* release(me: Me, app: string): Steps {
  const { releaseStamp, noCompare } = me.setting.protocol;
  const ino = yield* waitForLines(me, app);
  if (!ino) return;
  const [addons, env, stamp] = [path.addons(ino), path.env(ino), path.stamp(ino)];
  const look = (s: State) =>
    JSON.stringify([linesOf(s, ino), s.files[env] ?? {}, releaseStamp ? (s.files[stamp] ?? 0) : 0]);

  const seen = yield* step('release reads ADDONS and ENV', (s) => ({
    files: look(s),
    lines: linesOf(s, ino),
    since: s.url,
  }));
  const next = yield* step('release runs url', (s) => {
    if (!seen.lines.every((line) => s.resources[line.id])) return null;
    const urls = seen.lines.map((line) => [line.addon, `${line.id};${line.private};${s.url % 2}`] as const);
    return { env: Object.fromEntries(urls), at: s.url };
  });
  if (!next) return; // a url script failed: ENV stays, the failure is named
  const same = yield* step('release locks and compares', (s) => {
    if (!take(s, appLock(s, { app, ino }), me.pid)) return BLOCKED;
    if (s.files[addons] && (noCompare || look(s) === seen.files)) return true;
    free(s, me.pid);
    return false;
  });
  if (!same) return yield* startAgain();
  yield* durable(
    me,
    'release writes ENV',
    [env],
    (s) => {
      if (!s.files[addons]) return;
      if (JSON.stringify(s.files[env] ?? {}) !== JSON.stringify(next.env)) put(s, env, next.env);
      delete s.ghost[`rotated ${ino}`];
      if (!s.setting.urlChanges) return;
      if (releaseStamp) s.files[stamp] = (s.files[stamp] ?? 0) + 1;
      s.ghost.urlAt = next.at;
      s.ghost.urlDue = Math.max(s.ghost.urlDue ?? 0, seen.since);
    },
    { after: (s) => free(s, me.pid) },
  );
}

/** Waits until nothing is about to change the app's lines; its directory's inode, or null where there is no app. */
function* waitForLines(me: Me, app: string): Steps<number | null> {
  const found = yield* step('release waits for remove and rotate', (s) => {
    const ino = s.apps[app];
    const open = entries(s).filter(
      ({ op }) => ino !== undefined && op.kind !== 'add' && ofApp(op) && isAbout(op, ino, op.addon),
    );
    const other = open.find(({ entry }) => ownerDead(s, entry))?.entry;
    if (other) return { other };
    return open.length ? BLOCKED : { ino: ino ?? null };
  });
  if ('ino' in found) return found.ino;
  yield* recover(me, found.other);
  return yield* startAgain();
}
