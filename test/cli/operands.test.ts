import { expect, test } from 'vitest';
import { COMMANDS, findCommand } from '../../lib/cli/commands.ts';
import { fillOperands } from '../../lib/cli/operands.ts';
import { parse } from '../../lib/cli/parse.ts';

/** The operands as `app=shop addon=db,redis`, or what the error says. `*`: the app is the used one. */
function filled(line: string, used: string | undefined): string {
  const [verb = '', ...words] = line.split(' ');
  const entry = findCommand(verb);
  if (!entry) throw new Error(`There is no ${verb}`);
  try {
    const operands = fillOperands(entry, parse(entry, words), { app: () => used, variable: 'X_APP_NAME' });
    return [...operands]
      .filter(([, taken]) => taken.length > 0)
      .map(([name, taken]) => `${name}=${taken.join(',')}`)
      .join(' ');
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^addons [\w-]+ /, '') : String(error);
  }
}

const NEEDS_APP = 'needs an <app>.';
const NEEDS_ADDON = 'needs an <addon>.';
const EXCESS = /does not know what to do with/;

// Every command with no word, one and two: without a used app, and with the app `used`.
const TABLE: Record<string, [without: string | RegExp, used: string | RegExp][]> = {
  list: [
    ['', ''],
    ['app=a', 'app=a'],
    [EXCESS, EXCESS],
  ],
  status: [
    ['', ''],
    ['app=a', 'app=a'],
    [EXCESS, EXCESS],
  ],
  info: [
    [NEEDS_ADDON, NEEDS_ADDON],
    ['addon=a', 'addon=a'],
    [EXCESS, EXCESS],
  ],
  check: [
    ['', ''],
    [EXCESS, EXCESS],
    [EXCESS, EXCESS],
  ],
  cron: [
    ['', ''],
    ['addon=a', 'addon=a'],
    [EXCESS, EXCESS],
  ],
  daemons: [
    ['', ''],
    ['addon=a', 'addon=a'],
    [EXCESS, EXCESS],
  ],
  logs: [
    [NEEDS_ADDON, NEEDS_ADDON],
    ['addon=a', 'addon=a'],
    ['addon=a daemon=b', 'addon=a daemon=b'],
  ],
  log: [
    ['', ''],
    ['name=a', 'name=a'],
    [EXCESS, EXCESS],
  ],
  swap: [
    ['needs a <source>.', 'needs a <source>.'],
    ['source=a', 'source=a'],
    [EXCESS, EXCESS],
  ],
  install: [
    ['needs a <source>.', 'needs a <source>.'],
    ['source=a', 'source=a'],
    [EXCESS, EXCESS],
  ],
  uninstall: [
    [NEEDS_ADDON, NEEDS_ADDON],
    ['addon=a', 'addon=a'],
    ['addon=a,b', 'addon=a,b'],
  ],
  sync: [
    ['', ''],
    [EXCESS, EXCESS],
    [EXCESS, EXCESS],
  ],
  repack: [
    [NEEDS_ADDON, NEEDS_ADDON],
    ['addon=a', 'addon=a'],
    [EXCESS, EXCESS],
  ],
  config: [
    [NEEDS_ADDON, NEEDS_ADDON],
    ['addon=a', 'addon=a'],
    [EXCESS, EXCESS],
  ],
  templates: [
    ['', ''],
    [EXCESS, EXCESS],
    [EXCESS, EXCESS],
  ],
  new: [
    ['needs a <name>.', 'needs a <name>.'],
    ['name=a', 'name=a'],
    [EXCESS, EXCESS],
  ],
  develop: [
    ['', ''],
    ['dir=a', 'dir=a'],
    [EXCESS, EXCESS],
  ],
  build: [
    ['', ''],
    ['dir=a', 'dir=a'],
    [EXCESS, EXCESS],
  ],
  clean: [
    ['', ''],
    ['dir=a', 'dir=a'],
    [EXCESS, EXCESS],
  ],
  shell: [
    ['', ''],
    ['addon=a', 'addon=a'],
    [EXCESS, EXCESS],
  ],
  run: [
    [NEEDS_ADDON, NEEDS_ADDON],
    ['needs a <command>.', 'needs a <command>.'],
    ['addon=a command=b', 'addon=a command=b'],
  ],
  pack: [
    ['', ''],
    ['dir=a', 'dir=a'],
    [EXCESS, EXCESS],
  ],
  test: [
    ['needs a <dir>.', 'needs a <dir>.'],
    ['dir=a', 'dir=a'],
    [EXCESS, EXCESS],
  ],
  enable: [
    [NEEDS_ADDON, NEEDS_ADDON],
    ['addon=a', 'addon=a'],
    ['addon=a,b', 'addon=a,b'],
  ],
  disable: [
    [NEEDS_ADDON, NEEDS_ADDON],
    ['addon=a', 'addon=a'],
    ['addon=a,b', 'addon=a,b'],
  ],
  add: [
    [NEEDS_APP, NEEDS_ADDON],
    [NEEDS_ADDON, 'app=used addon=a'],
    ['app=a addon=b', 'app=a addon=b'],
  ],
  remove: [
    [NEEDS_APP, NEEDS_ADDON],
    [NEEDS_ADDON, 'app=used addon=a'],
    ['app=a addon=b', 'app=a addon=b'],
  ],
  rotate: [
    [NEEDS_APP, NEEDS_ADDON],
    [NEEDS_ADDON, 'app=used addon=a'],
    ['app=a addon=b', 'app=a addon=b'],
  ],
  adopt: [
    [NEEDS_APP, NEEDS_ADDON],
    [NEEDS_ADDON, 'needs an <id>.'],
    ['needs an <id>.', 'app=used addon=a id=b'],
  ],
  rename: [
    [NEEDS_APP, 'needs a <new>.'],
    ['needs a <new>.', 'app=used new=a'],
    ['app=a new=b', 'app=a new=b'],
  ],
  clone: [
    [NEEDS_APP, 'needs a <new>.'],
    ['needs a <new>.', 'app=used new=a'],
    ['app=a new=b', 'app=a new=b'],
  ],
  delete: [
    [NEEDS_APP, 'app=used'],
    ['app=a', 'app=a'],
    [EXCESS, EXCESS],
  ],
  undo: [
    [NEEDS_APP, NEEDS_ADDON],
    [NEEDS_ADDON, 'app=used addon=a'],
    ['app=a addon=b', 'app=a addon=b'],
  ],
  trash: [
    ['', ''],
    [EXCESS, EXCESS],
    [EXCESS, EXCESS],
  ],
  release: [
    [NEEDS_APP, 'app=used'],
    ['app=a', 'app=a'],
    ['app=a,b', 'app=a,b'],
  ],
  url: [
    [NEEDS_APP, NEEDS_ADDON],
    [NEEDS_ADDON, 'app=used addon=a'],
    ['app=a addon=b', 'app=a addon=b'],
  ],
  env: [
    [NEEDS_APP, 'app=used'],
    ['app=a', 'app=a'],
    [EXCESS, EXCESS],
  ],
  exec: [
    [NEEDS_APP, 'needs a <command>.'],
    ['needs a <command>.', 'app=used command=a'],
    ['app=a command=b', 'app=a command=b'],
  ],
  plan: [
    ['', ''],
    ['file=a', 'file=a'],
    [EXCESS, EXCESS],
  ],
  apply: [
    ['', ''],
    ['file=a', 'file=a'],
    [EXCESS, EXCESS],
  ],
  export: [
    ['', ''],
    ['app=a', 'app=a'],
    ['app=a,b', 'app=a,b'],
  ],
  dump: [
    [NEEDS_APP, NEEDS_ADDON],
    [NEEDS_ADDON, 'app=used addon=a'],
    ['app=a addon=b', 'app=a addon=b'],
  ],
  restore: [
    [NEEDS_APP, NEEDS_ADDON],
    [NEEDS_ADDON, 'app=used addon=a'],
    ['app=a addon=b', 'app=a addon=b'],
  ],
  resolve: [
    ['needs an <operation>.', 'needs an <operation>.'],
    ['operation=a', 'operation=a'],
    [EXCESS, EXCESS],
  ],
  unlock: [
    ['', ''],
    ['key=a', 'key=a'],
    [EXCESS, EXCESS],
  ],
  executions: [
    ['', ''],
    ['id=a', 'id=a'],
    [EXCESS, EXCESS],
  ],
  processors: [
    ['', ''],
    [EXCESS, EXCESS],
  ],
  use: [
    ['', ''],
    ['app=a', 'app=a'],
    [EXCESS, EXCESS],
  ],
  completion: [
    ['', ''],
    ['shell=a', 'shell=a'],
    [EXCESS, EXCESS],
  ],
  link: [
    ['', ''],
    ['dir=a', 'dir=a'],
    [EXCESS, EXCESS],
  ],
  help: [
    ['', ''],
    ['command=a', 'command=a'],
    [EXCESS, EXCESS],
  ],
};

test('the table has every command', () => {
  expect(Object.keys(TABLE).sort()).toEqual(COMMANDS.map(({ name }) => name).sort());
});

const CASES = Object.entries(TABLE).flatMap(([verb, cells]) =>
  cells.map((cell, count) => [[verb, 'a', 'b'].slice(0, count + 1).join(' '), ...cell] as const),
);

test.each(CASES)('addons %s', (line, without, used) => {
  expect(filled(line, undefined)).toEqual(matching(without));
  expect(filled(line, 'used')).toEqual(matching(used));
});

const matching = (expected: string | RegExp) =>
  typeof expected === 'string' ? expected : expect.stringMatching(expected);

test.each([
  ['release --all', ''],
  ['remove --all', 'app=used'],
  ['remove a --all', 'app=a'],
  ['add a --app shop', 'app=shop addon=a'],
  ['add a b --app=shop', 'app=shop addon=a,b'],
  ['list --app shop', 'app=shop'],
  ['restore a b c', 'app=a addon=b file=c'],
  ['plan --app shop', ''],
  ['apply a --app shop', 'file=a'],
  ['check --app shop', 'takes no app.'],
  ['exec a ls -l', 'app=a command=ls,-l'],
  ['exec a -- ls -l', 'app=a command=ls,-l'],
  ['exec -- ls -l', 'app=used command=ls,-l'],
  ['exec --app a ls --app b', 'app=a command=ls,--app,b'],
  ['exec --app a -- ls', 'app=a command=ls'],
  ['exec --wait 3 a ls --json', 'app=a command=ls,--json'],
  ['exec a sh -- -- b', 'app=a command=sh,--,--,b'],
  ['exec a -- -- b', 'app=a command=--,b'],
  ['exec ls', 'app=used command=ls'],
])('addons %s, with an app in use', (line, expected) => {
  expect(filled(line, 'used')).toBe(expected);
});

test('what stands behind -- is never the app', () => {
  expect(filled('exec -- shop ls', undefined)).toBe(NEEDS_APP);
});
