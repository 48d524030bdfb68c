import { durable, put } from '../disk.ts';
import { path } from '../files.ts';
import {
  deleteEntry,
  entries,
  linesOf,
  ownerDead,
  quarantined,
  records,
  type Trashed,
  writeEntry,
} from '../journal.ts';
import { addonLock, free, take } from '../locks.ts';
import { type AddonOperation, ofApp } from '../operation.ts';
import { recover } from '../recovery.ts';
import { settle, settleDisable } from '../settle.ts';
import type { Me } from '../state.ts';
import { BLOCKED, type Steps, startAgain, step } from '../steps.ts';
import { run } from '../wrapper.ts';
import { remove } from './change-line.ts';
import { emptyOne } from './trash.ts';

export function* enable(me: Me, addon: string): Steps {
  const op: AddonOperation = { kind: 'enable', addon };
  if (!(yield* beginToggle(me, op))) return;
  yield* run(me, me.pid, op, 'enable');
  yield* settle(me, me.pid, op);
}

/** Disable waits for adds; forced, it removes what they left. */
export function* disable(me: Me, addon: string, force = false): Steps {
  const op: AddonOperation = { kind: 'disable', addon };
  if (!(yield* beginToggle(me, op))) return;
  for (let n = 1; ; n++) {
    const use = yield* findUse(me, addon);
    if (use === 'free') break;
    if (use === 'quarantined' || !force || n > 3) return yield* deleteEntry(me, me.pid);
    if ('record' in use) yield* emptyOne(me, use, `${me.pid}e${n}`);
    else yield* remove(me, use.app, addon, { entry: `${me.pid}r${n}` });
  }
  const starting = path.starting(me.pid);
  yield* durable(me, 'write starting', [starting], (s) => put(s, starting, 1));
  yield* run(me, me.pid, op, 'disable');
  yield* settleDisable(me, me.pid, op, true);
}

/** One enable or disable entry per add-on at a time. False: there is nothing to do, or another is at work. */
function* beginToggle(me: Me, op: AddonOperation): Steps<boolean> {
  const found = yield* step('lock add-on, read journal', (s) => {
    if (!take(s, addonLock(op.addon), me.pid)) return BLOCKED;
    const other = entries(s).find((x) => !ofApp(x.op) && x.op.addon === op.addon)?.entry;
    const enabled = path.marker(op.addon) in s.files;
    if (!other && enabled === (op.kind === 'disable')) return 'begin';
    free(s, me.pid);
    return other && ownerDead(s, other) ? { other } : null;
  });
  if (!found) return false;
  if (found !== 'begin') {
    yield* recover(me, found.other);
    yield* startAgain();
  }
  yield* writeEntry(me, me.pid, op);
  return true;
}

type Use = { app: string } | Trashed;

/** Entries first, then lines, then the trash: add and undo turn the first into the second, remove that into the third. */
function* findUse(me: Me, addon: string): Steps<'free' | 'quarantined' | Use> {
  const { linesBeforeEntries } = me.setting.protocol;
  const early = linesBeforeEntries ? yield* scanLines(me, addon) : null;
  if (yield* scanEntries(me, addon)) return 'quarantined';
  const app = linesBeforeEntries ? early : yield* scanLines(me, addon);
  if (app) return { app };
  return me.setting.trashes ? yield* scanTrash(addon) : 'free';
}

/** Waits until no entry of the add-on is open. True: one is in quarantine, which nothing here settles. */
function* scanEntries(me: Me, addon: string): Steps<boolean> {
  for (;;) {
    const found = yield* step('disable scans entries', (s) => {
      const open = entries(s).filter(({ op }) => ofApp(op) && op.addon === addon);
      if (open.some(({ entry }) => quarantined(s, entry))) return 'quarantined';
      const other = open.find(({ entry }) => ownerDead(s, entry))?.entry;
      if (other) return { other };
      return open.length ? BLOCKED : 'none';
    });
    if (typeof found === 'string') return found === 'quarantined';
    yield* recover(me, found.other);
  }
}

/** The name of an app that has a line, or null. */
function* scanLines(me: Me, addon: string): Steps<string | null> {
  for (const [name, ino] of Object.entries(me.setting.apps)) {
    const app = yield* step(`disable reads ADDONS of ${name}`, (s) => {
      const now = Object.keys(s.apps).find((x) => s.apps[x] === ino);
      return now && linesOf(s, ino).some((line) => line.addon === addon) ? now : null;
    });
    if (app) return app;
  }
  return null;
}

const scanTrash = (addon: string): Steps<'free' | Use> =>
  step('disable reads trash', (s) => {
    const found = records(s).find(({ record }) => record.addon === addon);
    return found ?? 'free';
  });
