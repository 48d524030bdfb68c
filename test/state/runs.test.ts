import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { beginEntry } from '../../lib/state/journal.ts';
import { groupLiveness } from '../../lib/state/process-identity.ts';
import { claimVoid, declareDead, openRun, readErr, readRun, readRuns } from '../../lib/state/runs.ts';
import type { Store } from '../../lib/state/store.ts';
import { foreign, leaveRun } from '../operations/journal.ts';
import { makeStore, operation, watched } from './journal-store.ts';

let store: Store;
let journal = '';

beforeEach(() => {
  store = makeStore();
  journal = store.platform.journal;
});

describe('a run', () => {
  it('is durable before its wrapper starts, and says what it is for', async () => {
    const entry = await beginEntry(store, operation('a1'));
    const { store: watching, steps } = watched(store);
    const run = await openRun(watching, entry, { script: 'unprovision', argument: 'db-1', deadline: 17 });
    expect(steps).toEqual(['makeDirectory /a1/run.1', 'createFile /a1/run.1/run', 'sync /a1/run.1', 'sync /a1']);
    expect(entry.runs).toEqual([run]);
    expect(readRuns(entry.path)).toEqual([run]);
    await openRun(store, entry, { script: 'unprovision', argument: 'db-1', deadline: 17 });
    expect(readRuns(entry.path).map(({ number }) => number)).toEqual([1, 2]);
  });

  it('that was never finished being written did not start', async () => {
    const entry = await beginEntry(store, operation('a1'));
    for (const [name, text] of [
      ['run.1', ''],
      ['run.2', '{"script":1}'],
      ['run.3', '{"script":"url"}'],
    ] as const) {
      mkdirSync(join(entry.path, name));
      writeFileSync(join(entry.path, name, 'run'), text);
    }
    mkdirSync(join(entry.path, 'run.4'));
    mkdirSync(join(entry.path, 'run.x'));
    expect(readRuns(entry.path)).toEqual([]);
    expect(readRuns(join(journal, 'none'))).toEqual([]);
  });

  it('is claimed once: by its wrapper or by recovery', async () => {
    const entry = await beginEntry(store, operation('a1'));
    const run = await openRun(store, entry, { script: 'provision', argument: undefined, deadline: 0 });
    expect(readRun(run.path, 1)?.claim).toBeUndefined();
    expect(await claimVoid(store, run)).toBe(true);
    expect(await claimVoid(store, run)).toBe(false);
    expect(readRun(run.path, 1)?.claim).toBe('void');
  });

  it('is told from others by its leader, and is dead once a person says so', async () => {
    const path = join(journal, 'a1/run.1');
    leaveRun(path, { script: 'provision', claim: foreign() });
    const run = readRun(path, 1);
    expect(run?.claim).toMatchObject({ pid: 4711, machine: 'another' });
    if (run) await declareDead(store, run);
    const claim = readRun(path, 1)?.claim;
    expect(typeof claim === 'object' && groupLiveness(claim)).toBe('dead');
  });

  it('counts of its output what its end says, and nothing of an end that is cut off', () => {
    const path = join(journal, 'a1/run.1');
    leaveRun(path, { script: 'provision', out: 'db-1;x\n', status: 0 });
    writeFileSync(join(path, 'out'), 'db-1;x\nand what a daemon wrote later');
    expect(readRun(path, 1)).toMatchObject({ exit: { status: 0, bytes: 7 }, out: Buffer.from('db-1;x\n') });
    writeFileSync(join(path, 'exit'), '0 7');
    expect(readRun(path, 1)?.exit).toBeUndefined();
  });

  it('is read to 64 KiB and one byte', () => {
    const path = join(journal, 'a1/run.1');
    leaveRun(path, { script: 'provision', out: 'x'.repeat(100_000) });
    expect(readRun(path, 1)?.out.length).toBe(64 * 1024 + 1);
    rmSync(join(path, 'out'));
    expect(readRun(path, 1)?.out.length).toBe(0);
  });

  it('gives the last whole lines of a long stderr', () => {
    const path = join(journal, 'a1/run.1');
    leaveRun(path, { script: 'provision' });
    expect(readErr(join(journal, 'none')).toString()).toBe('');
    writeFileSync(join(path, 'err'), 'first line\nsecond line\nthird line\n');
    expect(readErr(path).toString()).toBe('first line\nsecond line\nthird line\n');
    expect(readErr(path, 17).toString()).toBe('third line\n');
  });

  it('names the file that cannot be read', () => {
    const path = join(journal, 'a1/run.1');
    leaveRun(path, { script: 'provision' });
    rmSync(join(path, 'pid'));
    mkdirSync(join(path, 'pid'));
    expect(() => readRun(path, 1)).toThrow(`Cannot use ${join(path, 'pid')}: EISDIR.`);
    writeFileSync(join(journal, 'file'), '');
    expect(() => readRuns(join(journal, 'file'))).toThrow(`Cannot use ${join(journal, 'file')}: ENOTDIR.`);
    rmSync(path, { recursive: true });
    leaveRun(path, { script: 'provision' });
    rmSync(join(path, 'out'));
    mkdirSync(join(path, 'out'));
    expect(() => readRun(path, 1)).toThrow(/Cannot use .*: EISDIR\.$/);
  });
});
