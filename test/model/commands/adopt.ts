import { durable, put } from '../disk.ts';
import { path } from '../files.ts';
import { gate } from '../gate.ts';
import { findHolder } from '../holders.ts';
import { deleteEntry, writeEntry } from '../journal.ts';
import { lockLines, writeLines, writeNames } from '../lines.ts';
import { free } from '../locks.ts';
import type { AdoptOperation } from '../operation.ts';
import type { Me } from '../state.ts';
import { type Steps, step } from '../steps.ts';
import { begin } from './begin.ts';

/** Gives the app a line for a resource that exists and is nobody's; `keep` marks it as never to be unprovisioned. */
export function* adopt(me: Me, app: string, addon: string, id: string, keep = false): Steps {
  const begun = yield* begin(me, app, addon, { line: false });
  if (!begun) return keep ? yield* keepLine(me, app, addon, id) : undefined;
  const op: AdoptOperation = { kind: 'adopt', app, ino: begun.ino, addon, id };
  if (me.setting.protocol.adoptUnwritten) yield* step('unlock', (s) => free(s, me.pid));
  else yield* writeEntry(me, me.pid, op);
  if (!(yield* gate(me, addon))) return yield* deleteEntry(me, me.pid);
  if (yield* findHolder(me, me.pid, op, id)) return yield* deleteEntry(me, me.pid);
  const url = yield* step('adopt runs url', (s) => s.resources[id]?.private ?? null);
  if (url === null) return yield* deleteEntry(me, me.pid);
  if (keep) yield* mark(me, id);
  const seen = yield* lockLines(me, op);
  if (seen) {
    yield* writeNames(me, op.ino, addon, true);
    yield* writeLines(me, 'append line', op.ino, [...seen.lines, { addon, id, private: url }]);
  }
  yield* deleteEntry(me, me.pid);
}

/** The app has it already: marked under the app lock that shows that nobody is about to remove it. */
function* keepLine(me: Me, app: string, addon: string, id: string): Steps {
  const begun = yield* begin(me, app, addon, { line: true });
  if (!begun?.line || begun.line.id !== id) return yield* step('unlock', (s) => free(s, me.pid));
  if (me.setting.protocol.markUnlocked) yield* step('unlock', (s) => free(s, me.pid));
  yield* mark(me, id);
  yield* step('unlock', (s) => free(s, me.pid));
}

const mark = (me: Me, id: string): Steps =>
  durable(me, 'mark as kept', [path.kept(id)], (s) => put(s, path.kept(id), 1));
