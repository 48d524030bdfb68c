import { durable, put } from '../disk.ts';
import { path } from '../files.ts';
import { entries, linesOf, records, writeEntry } from '../journal.ts';
import { free } from '../locks.ts';
import type { MoveOperation } from '../operation.ts';
import { isRecoverable, recover } from '../recovery.ts';
import { commitMove, lockApps } from '../settle-move.ts';
import type { Me } from '../state.ts';
import { type Steps, startAgain, step } from '../steps.ts';
import { concerns } from './begin.ts';

/** Takes what the app has in the trash, then its line, to another app: the line's entry and commit in one hold of both locks. */
export function* move(me: Me, from: string, to: string, addon: string): Steps {
  const apps = yield* step('find both apps', (s) => ({ ino: s.apps[from] ?? 0, target: s.apps[to] ?? 0 }));
  if (!apps.ino || !apps.target) return;
  const source = { app: from, ino: apps.ino, addon };
  const target = { app: to, ino: apps.target, addon };
  if (me.setting.trashes) yield* moveTrash(me, source, target);
  yield* lockApps(me, source, target);
  const found = yield* step('read ADDONS and journal', (s) => {
    const line = linesOf(s, source.ino).find((x) => x.addon === addon);
    const taken = linesOf(s, target.ino).some((x) => x.addon === addon);
    const other = entries(s).find(({ op }) => concerns(s, op, source) || concerns(s, op, target))?.entry;
    if (!other && line && !taken && s.apps[from] === source.ino && s.apps[to] === target.ino) return { id: line.id };
    free(s, me.pid);
    return other && isRecoverable(s, other) ? { other } : null;
  });
  if (!found) return;
  if ('other' in found) {
    yield* recover(me, found.other);
    return yield* startAgain();
  }
  const op: MoveOperation = { kind: 'move', ...source, id: found.id, to: { app: to, ino: target.ino } };
  yield* writeEntry(me, me.pid, op, { hold: true });
  yield* commitMove(me, me.pid, op);
}

interface End {
  app: string;
  ino: number;
}

/** What is being destroyed or brought back at this moment is left to that. */
function* moveTrash(me: Me, source: End, target: End): Steps {
  yield* lockApps(me, source, target);
  const all = yield* step('read trash and journal', (s) =>
    records(s).filter(({ operation, record }) => {
      const busy = entries(s).some(({ op }) => 'trashed' in op && op.trashed === operation);
      return record.ino === source.ino && !busy;
    }),
  );
  for (const { operation, record } of all) {
    const at = path.trash(operation);
    yield* durable(me, 'give record to target', [at], (s) =>
      put(s, at, { ...record, app: target.app, ino: target.ino }),
    );
  }
  yield* step('unlock', (s) => free(s, me.pid));
}
