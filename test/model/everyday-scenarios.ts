import type { Command, CrashKind, Scenario } from './setting.ts';

// What an operator does after the first add-on: a resource changes its place, is put aside, brought back, copied.

const add = (app: string): Command => ['add', app, 'db'];
const adopt = (app: string, keep = false): Command => ['adopt', app, 'db', '#x', keep];
const remove: Command = ['remove', 'a', 'db'];
const forget: Command = ['remove', 'a', 'db', 'forget'];
const trash: Command = ['remove', 'a', 'db', 'trash'];
const undo: Command = ['undo', 'a', 'db'];
const empty: Command = ['empty'];
const move: Command = ['move', 'a', 'b', 'db'];
const moveBack: Command = ['move', 'b', 'a', 'db'];
const clone: Command = ['clone', 'b', 'db', 'a'];
const rotate: Command = ['rotate', 'a', 'db'];
const release = (app = 'a'): Command => ['release', app];
const disable: Command = ['disable', 'db'];
const force: Command = ['disable', 'db', true];
const resolve = (how: string): Command => ['resolve', 'q', how];
const recoverP0: Command = ['recoverOne', 'p0'];

const two = { a: 1, b: 2 };
/** `a` has `#x`, or had it: it is in the trash. */
const has: Scenario['has'] = [[1, 'db', '#x']];
const had: Scenario['trash'] = [['t', 'a', 1, 'db', '#x']];
/** `a` was deleted and made again since. */
const madeAgain = { a: 9 };

const killed: CrashKind[] = ['manager', 'group', 'script', 'shell', 'child'];
const stopped: CrashKind[] = ['manager', 'group', 'script', 'shell', 'give up'];
const managers: CrashKind[] = ['manager'];

const SPARED: Scenario[] = [
  { name: 'remove --keep-for', has, names: true, run: [trash] },
  { name: 'remove --forget', has, names: true, run: [forget] },
  { name: 'remove of a kept one', has, kept: ['#x'], run: [remove] },
  { name: 'remove --keep-for x2', has, twins: true, run: [trash, trash] },
  { name: 'remove --keep-for + remove', has, run: [trash, remove] },
  { name: 'remove --forget + remove --keep-for', has, run: [forget, trash] },
  { name: 'remove --keep-for + rotate', has, run: [trash, rotate] },
  { name: 'remove --keep-for + release', has, run: [trash, release()] },
  { name: 'remove --keep-for + add', has, run: [trash, add('a')] },
  { name: 'remove --keep-for + undo', has, run: [trash, undo] },
  { name: 'remove --keep-for + empty', has, run: [trash, empty], kinds: managers },
  { name: 'remove --keep-for + disable', has, run: [trash, disable] },
  { name: 'remove --keep-for + disable --force', has, run: [trash, force] },
  { name: 'disable --force of a kept one', has, kept: ['#x'], run: [force] },
  { name: 'remove --forget + disable', has, run: [forget, disable] },
  { name: 'app renamed during remove --keep-for', has, run: [trash, ['mv', 'a', 'b'], ['undo', 'b', 'db']] },
  { name: 'app deleted during remove --keep-for', has, run: [trash, ['rm', 'a']] },
  { name: 'a recoverer of a remove --keep-for', has, run: [trash, recoverP0, undo], kinds: managers },
];

const TRASH: Scenario[] = [
  { name: 'undo', trash: had, names: true, run: [undo] },
  { name: 'empty', trash: had, fails: 1, unprovisionFails: true, run: [empty] },
  { name: 'empty of a kept one', trash: had, kept: ['#x'], run: [empty] },
  { name: 'undo x2', trash: had, twins: true, run: [undo, undo] },
  { name: 'empty x2', trash: had, twins: true, run: [empty, empty], fails: 1, unprovisionFails: true },
  { name: 'undo + empty', trash: had, run: [undo, empty] },
  { name: 'undo + empty, app made again', apps: madeAgain, trash: had, names: true, apart: true, run: [undo, empty] },
  {
    name: 'empty + undo + remove --forget, app made again',
    apps: madeAgain,
    trash: had,
    apart: true,
    run: [empty, undo, forget],
    crashes: 0,
  },
  {
    name: 'empty + undo + remove --keep-for, app made again',
    apps: madeAgain,
    trash: had,
    run: [empty, undo, trash],
    kinds: managers,
  },
  {
    name: 'undo x2 of one record, apps made again',
    apps: madeAgain,
    trash: had,
    run: [undo, ['recreate', 'a', 8], undo],
  },
  { name: 'app deleted during undo', trash: had, names: true, run: [undo, ['rm', 'a']] },
  { name: 'app made again during undo', trash: had, run: [undo, ['recreate', 'a', 9], empty] },
  { name: 'undo + add', trash: had, run: [undo, add('a')] },
  { name: 'undo + remove', trash: had, run: [undo, remove] },
  { name: 'undo + release', trash: had, run: [undo, release()] },
  { name: 'undo + disable', trash: had, run: [undo, disable] },
  { name: 'undo + disable --force', trash: had, run: [undo, force] },
  { name: 'undo + disable --force, app made again', apps: madeAgain, trash: had, run: [undo, force] },
  { name: 'empty + add', trash: had, run: [empty, add('a')] },
  { name: 'empty + disable', trash: had, run: [empty, disable] },
  { name: 'empty + disable --force', trash: had, run: [empty, force] },
  {
    name: 'undo + empty + its recoverer, app made again',
    apps: madeAgain,
    trash: had,
    run: [undo, empty, ['recoverOne', 'p1']],
    kinds: managers,
  },
  { name: 'disable --force, a kept one in the trash', trash: had, kept: ['#x'], run: [force] },
  { name: 'undo + its recoverer + disable', trash: had, run: [undo, recoverP0, disable], kinds: managers },
  { name: 'recoverers of an undo + empty', trash: had, run: [undo, recoverP0, empty], kinds: managers },
];

const ROTATE: Scenario[] = [
  { name: 'rotate, its script fails', has, run: [rotate], fails: 2 },
  { name: 'rotate x2', has, twins: true, run: [rotate, rotate] },
  { name: 'rotate + disable', has, run: [rotate, disable] },
  { name: 'rotate + disable --force', has, run: [rotate, force] },
  { name: 'rotate + remove --forget', has, run: [rotate, forget] },
  { name: 'app deleted during rotate', has, run: [rotate, ['rm', 'a']] },
];

const ADOPT: Scenario[] = [
  { name: 'adopt', outside: ['#x'], names: true, run: [adopt('a')] },
  { name: 'adopt --keep + remove', outside: ['#x'], run: [adopt('a', true), remove] },
  { name: 'adopt --keep of a line + remove', has, run: [adopt('a', true), remove] },
  { name: 'adopt --keep of a line + remove --keep-for', has, run: [adopt('a', true), trash] },
  { name: 'adopt of one id for two apps', apps: two, outside: ['#x'], apart: true, run: [adopt('a'), adopt('b')] },
  { name: 'adopt x2 same pair', outside: ['#x'], twins: true, run: [adopt('a'), adopt('a')] },
  { name: 'adopt + add', outside: ['#x'], run: [adopt('a'), add('a')] },
  {
    name: 'adopt + add of one id',
    apps: two,
    apart: true,
    run: [['adopt', 'b', 'db', '#p1.1'], add('a')],
    fails: 1,
  },
  { name: 'adopt + remove of one id', apps: two, has, apart: true, run: [adopt('b'), remove] },
  { name: 'adopt + remove --keep-for of one id', apps: two, has, apart: true, run: [adopt('b'), trash] },
  { name: 'adopt + remove --forget of one id', apps: two, has, apart: true, run: [adopt('b'), forget] },
  { name: 'adopt + undo of one id', apps: two, trash: had, apart: true, run: [adopt('b'), undo] },
  { name: 'adopt + undo, app made again', apps: { ...two, a: 9 }, trash: had, apart: true, run: [adopt('b'), undo] },
  { name: 'adopt + empty of one id', apps: two, trash: had, apart: true, run: [adopt('b'), empty] },
  { name: 'adopt + move of one id', apps: { ...two, c: 3 }, has, apart: true, run: [adopt('c'), move] },
  {
    name: 'adopt + move back of one id',
    apps: { ...two, c: 3 },
    has: [[2, 'db', '#x']],
    apart: true,
    run: [adopt('c'), moveBack],
  },
  { name: 'adopt + release', outside: ['#x'], run: [adopt('a'), release()] },
  { name: 'adopt + disable', outside: ['#x'], run: [adopt('a'), disable] },
  { name: 'adopt + disable --force', outside: ['#x'], run: [adopt('a'), force] },
  { name: 'app deleted during adopt', outside: ['#x'], run: [adopt('a'), ['rm', 'a']] },
];

/** Another line moves, and what is in the trash with it. */
const moveMq: Command = ['move', 'a', 'b', 'mq'];
const mq: Scenario['has'] = [[1, 'mq', '#m']];

const MOVE: Scenario[] = [
  { name: 'move with trash', apps: two, has: mq, trash: had, run: [moveMq] },
  { name: 'move with trash + undo', apps: two, has: mq, trash: had, run: [moveMq, undo] },
  {
    name: 'move with trash + undo to the target',
    apps: two,
    has: mq,
    trash: had,
    run: [moveMq, ['undo', 'b', 'db']],
  },
  { name: 'move with trash + empty', apps: two, has: mq, trash: had, run: [moveMq, empty] },
  {
    name: 'move with trash + undo to the target + empty',
    apps: two,
    has: mq,
    trash: had,
    run: [moveMq, ['undo', 'b', 'db'], empty],
    crashes: 0,
  },
  { name: 'move', apps: two, has, names: true, run: [move] },
  { name: 'move x2', apps: two, has, twins: true, run: [move, move] },
  { name: 'move there + move back', apps: two, has, run: [move, moveBack] },
  { name: 'move + add to the source', apps: two, has, run: [move, add('a')] },
  { name: 'move + add to the target', apps: two, has, run: [move, add('b')] },
  { name: 'move + remove', apps: two, has, run: [move, remove] },
  { name: 'move + remove from the target', apps: two, has, run: [move, ['remove', 'b', 'db']] },
  { name: 'move + remove --keep-for', apps: two, has, run: [move, trash] },
  { name: 'move + rotate', apps: two, has, run: [move, rotate] },
  { name: 'move + release of the source', apps: two, has, run: [move, release()] },
  { name: 'move + release of the target', apps: two, has, run: [move, release('b')] },
  {
    name: 'move + undo to the target',
    apps: two,
    has: [...has],
    trash: [['t', 'b', 2, 'db', '#y']],
    run: [move, ['undo', 'b', 'db']],
  },
  { name: 'move + disable', apps: { b: 2, a: 1 }, has, run: [move, disable] },
  { name: 'move + disable --force', apps: { b: 2, a: 1 }, has, run: [move, force] },
  {
    name: 'move + its recoverer + disable',
    apps: { b: 2, a: 1 },
    has,
    run: [move, recoverP0, disable],
    kinds: managers,
  },
  { name: 'source deleted during move', apps: two, has, names: true, run: [move, ['rm', 'a']] },
  { name: 'target deleted during move', apps: two, has, names: true, run: [move, ['rm', 'b']] },
  { name: 'target made again during move', apps: two, has, run: [move, ['recreate', 'b', 9]] },
  { name: 'recoverers of a move', apps: two, has, run: [move, recoverP0, recoverP0], kinds: managers },
];

const CLONE: Scenario[] = [
  { name: 'clone', apps: two, has, run: [clone], fails: 1, unprovisionFails: true },
  { name: 'clone idempotent', apps: two, has, run: [clone], fails: 1, idempotent: true },
  { name: 'clone + remove of the source', apps: two, has, run: [clone, remove], crashes: 1 },
  { name: 'clone + remove --keep-for of the source', apps: two, has, run: [clone, trash] },
  {
    name: 'clone + move of the source',
    apps: { ...two, c: 3 },
    has,
    run: [clone, ['move', 'a', 'c', 'db']],
  },
  { name: 'clone x2', apps: two, has, twins: true, run: [clone, clone] },
  { name: 'clone + add', apps: two, has, run: [clone, add('b')], crashes: 1 },
  { name: 'clone + remove of the copy', apps: two, has, run: [clone, ['remove', 'b', 'db']] },
  { name: 'clone + disable', apps: two, has, run: [clone, disable] },
  { name: 'app deleted during clone', apps: two, has, run: [clone, ['rm', 'b']] },
];

const RESOLVE: Scenario[] = [
  { name: 'resolve --adopt', quarantined: 'unknown', names: true, run: [resolve('#q.1')] },
  { name: 'resolve --retry', quarantined: 'unknown', run: [resolve('retry')], fails: 1, unprovisionFails: true },
  { name: 'resolve --retry idempotent', quarantined: 'unknown', run: [resolve('retry')], fails: 1, idempotent: true },
  { name: 'resolve --discard', quarantined: 'unknown', run: [resolve('discard')] },
  { name: 'resolve --adopt x2', quarantined: 'unknown', twins: true, run: [resolve('#q.1'), resolve('#q.1')] },
  {
    name: 'resolve --adopt + resolve --retry',
    quarantined: 'unknown',
    run: [resolve('#q.1'), resolve('retry')],
  },
  {
    name: 'resolve --discard + resolve --retry',
    quarantined: 'unknown',
    run: [resolve('discard'), resolve('retry')],
  },
  {
    name: 'resolve --adopt + adopt of one id',
    apps: two,
    quarantined: 'unknown',
    apart: true,
    run: [resolve('#q.1'), ['adopt', 'b', 'db', '#q.1']],
  },
  {
    name: 'resolve --retry of a held one',
    apps: two,
    has: [[2, 'db', '#x']],
    quarantined: 'held',
    run: [resolve('retry')],
  },
  {
    name: 'resolve --retry + resolve --discard of a held one',
    apps: two,
    has: [[2, 'db', '#x']],
    quarantined: 'held',
    run: [resolve('retry'), resolve('discard')],
  },
  { name: 'resolve --adopt + add', quarantined: 'unknown', run: [resolve('#q.1'), add('a')] },
  { name: 'resolve --discard + add', quarantined: 'unknown', run: [resolve('discard'), add('a')] },
  { name: 'resolve --adopt + disable', quarantined: 'unknown', run: [resolve('#q.1'), disable] },
  { name: 'resolve --retry + disable', quarantined: 'unknown', run: [resolve('retry'), disable] },
  { name: 'resolve --adopt + disable --force', quarantined: 'unknown', run: [resolve('#q.1'), force] },
  { name: 'resolve --discard + disable', quarantined: 'unknown', run: [resolve('discard'), disable] },
];

const POWER: Scenario[] = [
  { name: 'power: remove --keep-for', has, names: true, run: [trash], power: true },
  { name: 'power: undo', trash: had, names: true, run: [undo], power: true },
  { name: 'power: empty', trash: had, run: [empty], power: true },
  { name: 'power: adopt', outside: ['#x'], names: true, run: [adopt('a', true)], power: true },
  { name: 'power: move', apps: two, has, names: true, run: [move], power: true },
  { name: 'power: clone', apps: two, has, run: [clone], power: true },
  { name: 'power: resolve --adopt', quarantined: 'unknown', run: [resolve('#q.1')], power: true },
  {
    name: 'power: resolve --adopt x2',
    quarantined: 'unknown',
    twins: true,
    run: [resolve('#q.1'), resolve('#q.1')],
    power: true,
  },
  { name: 'power: resolve --retry', quarantined: 'unknown', run: [resolve('retry')], power: true },
  { name: 'power: undo + empty', trash: had, run: [undo, empty], power: true },
];

const SCRIPT_KILLED: Scenario[] = [
  { name: 'script killed: empty', trash: had, run: [empty], kinds: killed },
  { name: 'script killed: clone', apps: two, has, run: [clone], kinds: killed },
  { name: 'script killed: resolve --retry', quarantined: 'unknown', run: [resolve('retry')], kinds: killed },
];

const GIVES_UP: Scenario[] = [
  { name: 'gives up: remove --keep-for', has, names: true, run: [trash], kinds: stopped },
  { name: 'gives up: undo', trash: had, names: true, run: [undo], kinds: stopped },
  { name: 'gives up: undo + empty', trash: had, run: [undo, empty], kinds: stopped },
  { name: 'gives up: adopt', outside: ['#x'], names: true, run: [adopt('a')], kinds: stopped },
  { name: 'gives up: move', apps: two, has, names: true, run: [move], kinds: stopped },
  { name: 'gives up: clone', apps: two, has, run: [clone], kinds: stopped },
  { name: 'gives up: resolve --adopt', quarantined: 'unknown', run: [resolve('#q.1')], kinds: stopped },
];

export const EVERYDAY: Scenario[] = [
  ...SPARED,
  ...TRASH,
  ...ROTATE,
  ...ADOPT,
  ...MOVE,
  ...CLONE,
  ...RESOLVE,
  ...POWER,
  ...SCRIPT_KILLED,
  ...GIVES_UP,
];
