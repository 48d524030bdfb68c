import { EVERYDAY } from './everyday-scenarios.ts';
import type { Command, CrashKind, Scenario } from './setting.ts';

const add = (app: string): Command => ['add', app, 'db'];
const remove = (app: string, addon = 'db'): Command => ['remove', app, addon];
const rotate: Command = ['rotate', 'a', 'db'];
const release: Command = ['release', 'a'];
const enable: Command = ['enable', 'db'];
const disable: Command = ['disable', 'db'];
const force: Command = ['disable', 'db', true];
const recoverP0: Command = ['recoverOne', 'p0'];
const renameA: Command = ['mv', 'a', 'b'];
const renameAndMakeAgain: Command = ['mvRecreate', 'a', 'b', 9];

const two = { a: 1, b: 2 };
/** `a` has a `db` before. */
const has = (id: string): [ino: number, addon: string, id: string][] => [[1, 'db', id]];
const one = has('#x');

const managers: CrashKind[] = ['manager', 'group'];
const killed: CrashKind[] = ['manager', 'group', 'script', 'shell', 'child'];
const stopped: CrashKind[] = ['manager', 'group', 'script', 'shell', 'give up'];

const COMMANDS: Scenario[] = [
  { name: 'add, scripts fail', run: [add('a')], fails: 2, unprovisionFails: true },
  { name: 'add idempotent, scripts fail', run: [add('a')], fails: 2, idempotent: true },
  { name: 'add x2 same pair', run: [add('a'), add('a')], twins: true, fails: 1 },
  {
    name: 'add x2 same pair, id = app',
    run: [add('a'), add('a')],
    twins: true,
    ids: 'fixed',
    idempotent: true,
    fails: 1,
  },
  { name: 'add of two apps + disable', apps: two, run: [add('a'), add('b'), disable], crashes: 0 },
  { name: 'add of two apps + disable --force', apps: two, run: [add('a'), add('b'), force], crashes: 1 },
  { name: 'add of two apps + disable, one killed', apps: two, run: [add('a'), add('b'), disable], crashes: 1 },
  { name: 'add + disable', run: [add('a'), disable] },
  { name: 'add + disable --force', run: [add('a'), force], fails: 1, unprovisionFails: true },
  { name: 'add + disable --force of a used one', apps: two, has: [[2, 'db', '#x']], run: [add('a'), force] },
  { name: 'remove + disable --force', has: one, run: [remove('a'), force] },
  { name: 'add + remove', has: one, run: [add('a'), remove('a')] },
  { name: 'add + remove, id = app', has: has('#a'), ids: 'fixed', run: [add('a'), remove('a')] },
  {
    name: 'add b + remove a, ids used again',
    apps: two,
    has: has('#1'),
    ids: 'reuse',
    run: [remove('a'), add('b')],
    crashes: 0,
  },
  { name: 'add b + remove a, ids never reused', apps: two, has: has('#1'), run: [remove('a'), add('b')] },
  {
    name: 'breach: ids used again after a crash',
    breach: true,
    apps: two,
    has: has('#1'),
    ids: 'reuse',
    run: [remove('a'), add('b')],
  },
  { name: 'remove x2', has: one, run: [remove('a'), remove('a')], twins: true, fails: 1, unprovisionFails: true },
  { name: 'rotate + release', has: one, run: [rotate, release] },
  { name: 'rotate + remove', has: one, run: [rotate, remove('a')] },
  { name: 'remove + release', has: one, run: [remove('a'), release] },
  { name: 'release x2, url changes', has: one, run: [release, release, ['changeUrl']], urlChanges: true, twins: true },
  { name: 'enable + disable', run: [enable, disable], fails: 2 },
  { name: 'enable + disable, off', off: true, run: [enable, disable], fails: 2 },
  { name: 'add + disable + enable', run: [add('a'), disable, enable] },
];

const OUTSIDE: Scenario[] = [
  { name: 'app renamed during add', run: [add('a'), renameA, add('b')] },
  { name: 'renamed, another line removed', has: [[1, 'mq', '#y']], run: [add('a'), renameA, remove('b', 'mq')] },
  { name: 'renamed and made again, ids never reused', run: [add('a'), renameAndMakeAgain, add('a')] },
  {
    name: 'renamed and made again during add',
    ids: 'fixed',
    run: [add('a'), renameAndMakeAgain, add('a')],
    crashes: 1,
  },
  { name: 'app deleted during add', run: [add('a'), ['rm', 'a']], fails: 1, unprovisionFails: true },
  { name: 'app made again during add', run: [add('a'), ['recreate', 'a', 9]] },
];

const RECOVERERS: Scenario[] = [
  { name: 'two recoverers and a new add', run: [add('a'), recoverP0, recoverP0, add('a')], kinds: managers },
  {
    name: 'two recoverers, idempotent',
    run: [add('a'), recoverP0, recoverP0],
    kinds: managers,
    idempotent: true,
    fails: 1,
  },
  { name: 'recoverer of a remove', has: one, run: [remove('a'), recoverP0, add('a')] },
];

const POWER: Scenario[] = [
  { name: 'power: add', run: [add('a')], power: true, fails: 1 },
  { name: 'power: add idempotent', run: [add('a')], power: true, idempotent: true },
  { name: 'power: remove + release', has: one, run: [remove('a'), release], power: true },
  { name: 'power: rotate', has: one, run: [rotate], power: true },
  { name: 'power: enable', off: true, run: [enable], power: true },
  { name: 'power: disable --force', has: one, run: [force], power: true },
  { name: 'power: add + disable', run: [add('a'), disable], power: true },
];

const SCRIPT_KILLED: Scenario[] = [
  { name: 'script killed: add', run: [add('a')], kinds: killed, fails: 1, unprovisionFails: true },
  { name: 'script killed: add idempotent', run: [add('a')], kinds: killed, fails: 1, idempotent: true },
  { name: 'script killed: add + remove', has: one, run: [add('a'), remove('a')], kinds: killed },
  { name: 'script killed: rotate + release', has: one, run: [rotate, release], kinds: killed },
  { name: 'script killed: enable + disable', run: [enable, disable], kinds: killed },
  { name: 'script killed: enable + disable, off', off: true, run: [enable, disable], kinds: killed },
  { name: 'script killed: add + disable --force', run: [add('a'), force], kinds: killed },
  { name: 'script killed: power: add', run: [add('a')], power: true, kinds: killed },
];

const GIVES_UP: Scenario[] = [
  { name: 'gives up: add', run: [add('a')], kinds: stopped, fails: 1, unprovisionFails: true },
  { name: 'gives up: add idempotent', run: [add('a')], kinds: stopped, fails: 1, idempotent: true },
  { name: 'gives up: add x2 same pair', run: [add('a'), add('a')], twins: true, kinds: stopped },
  { name: 'gives up: add + remove', has: one, run: [add('a'), remove('a')], kinds: stopped },
  { name: 'gives up: rotate + release', has: one, run: [rotate, release], kinds: stopped },
  { name: 'gives up: enable + disable', run: [enable, disable], kinds: stopped, fails: 1 },
  { name: 'gives up: add + disable --force', run: [add('a'), force], kinds: stopped },
  { name: 'gives up: remove + disable --force', has: one, run: [remove('a'), force], kinds: stopped },
  { name: 'gives up: a recoverer and a new add', run: [add('a'), recoverP0, add('a')], kinds: ['manager', 'give up'] },
  { name: 'gives up: power: add', run: [add('a')], power: true, kinds: stopped },
];

const FIRST = [...COMMANDS, ...OUTSIDE, ...RECOVERERS, ...POWER, ...SCRIPT_KILLED, ...GIVES_UP];
const ALL = [...FIRST, ...EVERYDAY];

/** What the protocol must stand: add, remove, rotate, enable, disable, release. */
export const CORE: Scenario[] = FIRST.filter((scenario) => !scenario.breach);

/** All that the protocol must stand. */
export const SCENARIOS: Scenario[] = [...CORE, ...EVERYDAY];

/** @throws {Error} for a name that no scenario has */
export function scenarioNamed(name: string): Scenario {
  const found = ALL.find((scenario) => scenario.name === name);
  if (!found) throw new Error(`There is no scenario "${name}".`);
  return found;
}
