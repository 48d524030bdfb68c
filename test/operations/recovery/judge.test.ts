import { describe, expect, it } from 'vitest';
import { type AddVerdict, type Holder, judgeAdd, judgeRepeatable } from '../../../lib/operations/recovery/judge.ts';
import { currentProcess } from '../../../lib/state/process-identity.ts';
import type { Run } from '../../../lib/state/runs.ts';

const claim = currentProcess();

const run = (script: string, rest: Partial<Run>): Run => ({
  number: 1,
  path: '/nowhere',
  script,
  argument: undefined,
  deadline: 0,
  claim,
  exit: undefined,
  out: Buffer.alloc(0),
  ...rest,
});

const ended = (status: number, out = '') => ({ exit: { status, bytes: out.length }, out: Buffer.from(out) });
const provision = (rest: Partial<Run>) => run('provision', rest);
const unprovision = (rest: Partial<Run>) => run('unprovision', { argument: 'u1', ...rest });

const UNKNOWN = provision({});
const MADE = provision(ended(0, 'p1;secret\n'));
const FAILED = provision(ended(1));
const FAILED_TOLD = provision(ended(1, 'p1;secret\n'));
const DIED_TOLD = provision({ out: Buffer.from('p1;secret\n') });
const KILLED = provision(ended(137));
const BAD = provision(ended(0, 'no semicolon\n'));
const UNDONE = unprovision(ended(0));
const UNDO_FAILED = unprovision(ended(1));
const UNDO_UNKNOWN = unprovision({});

const quarantine = { todo: 'quarantine', reason: expect.any(String) };

type Row = [found: string, runs: Run[], verdict: object, idempotent?: boolean, holder?: Holder];

const ADD: Row[] = [
  ['no run', [], { todo: 'delete' }],
  ['a run that nobody claimed', [provision({ claim: undefined })], { todo: 'delete' }],
  ['a run that recovery claimed', [provision({ claim: 'void' })], { todo: 'delete' }],
  ['exit 0, valid out', [MADE], { todo: 'commit', id: 'p1', private: 'secret' }],
  ['exit 0, bad out', [BAD], { todo: 'quarantine', reason: 'provision succeeded but printed no semicolon' }],
  ['exit 0, nothing', [provision(ended(0))], { todo: 'quarantine', reason: 'provision succeeded but printed nothing' }],
  ['exit 1, a valid id', [FAILED_TOLD], { todo: 'unprovision', id: 'p1' }],
  ['exit 1, no id', [FAILED], { todo: 'delete' }],
  ['exit 1, two lines', [provision(ended(1, 'a;b\nc;d\n'))], { todo: 'delete' }],
  ['dead, a valid id', [DIED_TOLD], { todo: 'unprovision', id: 'p1' }],
  ['dead, no id, idempotent', [UNKNOWN], { todo: 'again' }, true],
  ['dead, no id, not idempotent', [UNKNOWN], quarantine],
  ['killed by a signal, no id, idempotent', [KILLED], { todo: 'again' }, true],
  ['killed by a signal, no id, not idempotent', [KILLED], quarantine],
  ['the line is there', [MADE], { todo: 'delete' }, false, 'own-line'],
  ['the line is there, script dead', [DIED_TOLD], { todo: 'delete' }, false, 'own-line'],
  ['the id is in a line of another app', [MADE], quarantine, true, 'line'],
  ['the id is in another entry', [MADE], quarantine, true, 'entry'],
  ['a failed script told an id of another app', [FAILED_TOLD], quarantine, true, 'line'],
  ['dead, then again with success', [UNKNOWN, MADE], { todo: 'commit', id: 'p1', private: 'secret' }],
  ['dead, then again dead', [UNKNOWN, UNKNOWN], { todo: 'again' }, true],
  ['dead, then again without an id, failed', [UNKNOWN, FAILED], quarantine, true],
  ['dead with an id, then again dead without', [DIED_TOLD, UNKNOWN], { todo: 'unprovision', id: 'p1' }, true],
  ['dead with an id, then again failed', [DIED_TOLD, FAILED], { todo: 'unprovision', id: 'p1' }, true],
  ['failed twice, no id', [FAILED, FAILED], { todo: 'delete' }],
  ['dead, then a run that never started', [UNKNOWN, provision({ claim: 'void' })], { todo: 'again' }, true],
  ['unprovisioned', [FAILED_TOLD, UNDONE], { todo: 'delete' }],
  ['unprovisioned, though another holds the id', [FAILED_TOLD, UNDONE], { todo: 'delete' }, false, 'line'],
  ['unprovision failed', [FAILED_TOLD, UNDO_FAILED], { todo: 'unprovision', id: 'u1' }],
  ['unprovision dead', [FAILED_TOLD, UNDO_UNKNOWN], { todo: 'unprovision', id: 'u1' }],
  ['unprovision failed, another holds the id', [FAILED_TOLD, UNDO_FAILED], quarantine, false, 'line'],
  ['a failed script told an id that is marked as kept', [FAILED_TOLD], quarantine, true, 'kept'],
  ['a failed script told an id that may be in use', [FAILED_TOLD], quarantine, true, 'unknown'],
  ['exit 0, an id that is marked as kept', [MADE], { todo: 'commit', id: 'p1', private: 'secret' }, true, 'kept'],
  ['unprovision never started', [FAILED_TOLD, unprovision({ claim: 'void' })], { todo: 'unprovision', id: 'p1' }],
];

describe('an interrupted add', () => {
  it.each(ADD)('%s', (_, runs, verdict, idempotent = false, holder = undefined) => {
    const found: AddVerdict = judgeAdd(runs, idempotent, (id) => (id === 'p1' ? holder : undefined));
    expect(found).toEqual(verdict);
  });
});

const disable = (rest: Partial<Run>) => run('disable', rest);

describe('an interrupted operation whose script is safe to run again', () => {
  it.each<[string, Run[], 'again' | 'commit' | 'failed']>([
    ['no run', [], 'again'],
    ['never started', [disable({ claim: 'void' })], 'again'],
    ['dead', [disable({})], 'again'],
    ['killed by a signal', [disable(ended(143))], 'again'],
    ['exit 0', [disable(ended(0))], 'commit'],
    ['exit 1', [disable(ended(1))], 'failed'],
    ['dead, then exit 0', [disable({}), disable(ended(0))], 'commit'],
    ['exit 0, then a run that never started', [disable(ended(0)), disable({ claim: undefined })], 'commit'],
  ])('%s', (_, runs, todo) => {
    expect(judgeRepeatable(runs).todo).toBe(todo);
  });
});
