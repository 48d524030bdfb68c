import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  beginEntry,
  deleteEntry,
  disown,
  entryIds,
  isRecoverable,
  makeDurable,
  markStarting,
  newOperationId,
  quarantine,
  readEntry,
  readJournal,
  takeOver,
} from '../../lib/state/journal.ts';
import { currentProcess, liveness } from '../../lib/state/process-identity.ts';
import { openRun } from '../../lib/state/runs.ts';
import type { Store } from '../../lib/state/store.ts';
import { dead, foreign } from '../operations/journal.ts';
import { makeStore, operation, watched } from './journal-store.ts';

let store: Store;
let journal = '';

beforeEach(() => {
  store = makeStore();
  journal = store.platform.journal;
});

describe('an entry', () => {
  it('tells what is done and by whom, and only its owner can read it', async () => {
    const { id } = operation('a1');
    await beginEntry(store, operation(id));
    const entry = readEntry(store, id);
    expect(entry).toMatchObject({
      operation: operation(id),
      path: join(journal, id),
      owner: { pid: process.pid },
      runs: [],
      starting: false,
      quarantine: undefined,
    });
    const modes = [entry?.path ?? '', join(journal, id, 'op'), join(journal, id, 'owner')].map(
      (path) => statSync(path).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o600, 0o600]);
    expect(entry && isRecoverable(entry)).toBe(false);
  });

  it('appears whole and durable, or not at all', async () => {
    const { store: watching, steps } = watched(store);
    await beginEntry(watching, operation('a1'));
    expect(steps).toEqual([
      'makeDirectory /tmp',
      'createFile /tmp/op',
      'createFile /tmp/owner',
      'sync /tmp',
      'rename /tmp /a1',
      'sync ',
    ]);
    for (const step of ['makeDirectory', 'createFile', 'sync', 'rename'] as const) {
      const failing = watched(store, step).store;
      await expect(beginEntry(failing, operation('b1'))).rejects.toMatchObject({ code: 'disk-full' });
      expect(readdirSync(journal)).toEqual(['a1']);
    }
  });

  it('goes whole: it is renamed before anything in it is removed', async () => {
    const entry = await beginEntry(store, operation('a1'));
    const { store: watching, steps } = watched(store);
    await deleteEntry(watching, entry);
    expect(steps).toEqual(['rename /a1 /tmp', 'sync ', 'removeTree /tmp']);
    expect([readEntry(store, 'a1'), readdirSync(journal)]).toEqual([undefined, []]);
  });

  it('waits for recovery once nobody works on it, unless it needs a person', async () => {
    const entry = await beginEntry(store, operation('a1'));
    await disown(store, entry);
    const left = readEntry(store, 'a1');
    expect(left && isRecoverable(left)).toBe(true);
    if (left) await takeOver(store, left);
    expect(readEntry(store, 'a1')?.owner?.pid).toBe(process.pid);
    await quarantine(store, entry, 'look at it');
    const kept = readEntry(store, 'a1');
    expect(kept?.quarantine).toBe('look at it');
    expect(kept && isRecoverable(kept)).toBe(false);
  });

  it('is recoverable when its owner is dead, and not when that cannot be known', async () => {
    await beginEntry(store, operation('a1'));
    for (const [owner, expected] of [
      [dead(), true],
      [foreign(), false],
      [currentProcess(), false],
    ] as const) {
      writeFileSync(join(journal, 'a1/owner'), JSON.stringify(owner));
      const entry = readEntry(store, 'a1');
      expect(entry && isRecoverable(entry), liveness(owner)).toBe(expected);
    }
  });

  it('remembers durably that the script of a disable may have started', async () => {
    const entry = await beginEntry(store, operation('a1'));
    const { store: watching, steps } = watched(store);
    await markStarting(watching, entry);
    expect(steps).toEqual(['createFile /a1/starting', 'sync /a1']);
    expect(readEntry(store, 'a1')?.starting).toBe(true);
  });

  it('is made durable with all that is in it before recovery trusts it', async () => {
    const entry = await beginEntry(store, operation('a1'));
    await openRun(store, entry, { script: 'provision', argument: undefined, deadline: 0 });
    const { store: watching, steps } = watched(store);
    await makeDurable(watching, entry);
    expect(steps).toEqual(['sync /a1/run.1/run', 'sync /a1/run.1', 'sync /a1', 'sync ']);
  });
});

describe('the journal', () => {
  it('is read oldest first, without what is half built', async () => {
    const ids = [newOperationId(1_800_000_000_001), newOperationId(1_800_000_000_000)];
    for (const id of ids) await beginEntry(store, operation(id));
    mkdirSync(join(journal, 'tmp.1-1.x.y'));
    expect(readJournal(store).map((entry) => entry.operation.id)).toEqual([...ids].reverse());
    expect(ids.every((id) => /^[a-z0-9]+$/.test(id))).toBe(true);
  });

  it('is empty where there is none, and says why it cannot be read', () => {
    rmSync(journal, { recursive: true });
    expect(entryIds(store)).toEqual([]);
    writeFileSync(journal, '');
    expect(() => entryIds(store)).toThrow(`Cannot use ${journal}: ENOTDIR.`);
  });

  it.each(['', '{', '{}', '[]', '{"version":2,"id":"a","addon":"b"}', 'null'])(
    'names an entry whose op is %j',
    (text) => {
      mkdirSync(join(journal, 'a1'));
      writeFileSync(join(journal, 'a1/op'), text);
      expect(() => readJournal(store)).toThrow(`The journal entry ${join(journal, 'a1')} cannot be read.`);
    },
  );

  it('names a file of an entry that cannot be read', async () => {
    await beginEntry(store, operation('a1'));
    mkdirSync(join(journal, 'a1/quarantine'));
    expect(() => readJournal(store)).toThrow(`Cannot use ${join(journal, 'a1/quarantine')}: EISDIR.`);
  });

  it('takes an owner file that power failure left empty for none', async () => {
    await beginEntry(store, operation('a1'));
    writeFileSync(join(journal, 'a1/owner'), '');
    expect(readEntry(store, 'a1')?.owner).toBeUndefined();
  });
});
