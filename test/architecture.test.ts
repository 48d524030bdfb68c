import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

// The layers of docs/architecture.md. Imports go down, or stay on their level.

const LIB = join(import.meta.dirname, '../lib');

const LEVELS = [
  ['cli', 'dokku'],
  ['index.ts'],
  ['kit'], // proves add-ons, on platforms of its own
  ['open-platform.ts'], // the door: the verbs as functions
  ['operations'],
  ['packages', 'services', 'plugins', 'processors', 'rpc'],
  ['scripts'],
  ['state'],
  ['addon', 'app'],
  ['platform.ts', 'names.ts', 'errors.ts'],
];

/** `exec` and plugins have the terminal; `stty` has it, too. */
const STARTING_THEMSELVES = ['cli/foreground.ts', 'cli/start.ts'];

const files = readdirSync(LIB, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort();

const textOf = (file: string) => readFileSync(join(LIB, file), 'utf8');

/** The text without comments, as long as no string looks like one. */
const codeOf = (file: string) => textOf(file).replace(/^\s*(\/\*\*?[\s\S]*?\*\/|\/\/.*)$/gm, '');

interface Import {
  from: string;
  to: string;
  /** Not a type that is gone when the program runs, and not loaded later. */
  atLoad: boolean;
}

const IMPORT = /(?:^(import|export)(\s+type)?\b[^'"`;]*?from\s*|\bimport\s*\(\s*|^import\s*)['"]([^'"]+)['"]/gm;

const imports: Import[] = files.flatMap((from) =>
  [...codeOf(from).matchAll(IMPORT)].map(([text, , type, to = '']) => {
    return { from, to, atLoad: type === undefined && !/^import\s*\(/.test(text) };
  }),
);

const inside = imports
  .filter(({ to }) => to.startsWith('.'))
  .map((one) => ({ ...one, to: relative(LIB, join(LIB, dirname(one.from), one.to)) }));

const levelOf = (file: string) => LEVELS.findIndex((level) => level.includes(file.split('/')[0] ?? ''));

const said = (list: Import[]) => list.map(({ from, to }) => `${from} → ${to}`);

describe('the layers', () => {
  it('are read from the sources at all', () => {
    expect(said(inside)).toContain('operations/add.ts → state/journal.ts');
    expect(said(inside)).toContain('open-platform.ts → operations/add.ts');
    expect(said(imports)).toContain('operations/stage-addon.ts → fs-extra');
    expect(inside.filter(({ to }) => !existsSync(join(LIB, to)))).toEqual([]);
  });

  it('hold every file', () => {
    expect(files.filter((file) => levelOf(file) < 0)).toEqual([]);
  });

  it('import downwards only', () => {
    expect(said(inside.filter(({ from, to }) => levelOf(to) < levelOf(from)))).toEqual([]);
  });

  it('have no circle of imports that load each other', () => {
    const next = new Map<string, string[]>();
    for (const { from, to, atLoad } of inside) if (atLoad) next.set(from, [...(next.get(from) ?? []), to]);
    const circles = files.filter((file) => reaches(file, file, next));
    expect(circles).toEqual([]);
  });

  it('keep the nouns free of input and output', () => {
    const nouns = levelOf('addon');
    const IO = /^node:(fs|child_process|net|http|worker_threads|process)/;
    expect(said(imports.filter(({ from, to }) => levelOf(from) >= nouns && IO.test(to)))).toEqual([]);
  });

  it('let operations know only that there is a chain of processors', () => {
    const known = inside.filter(
      ({ from, to }) => /^(operations\/|open-platform)/.test(from) && to.startsWith('processors/'),
    );
    expect([...new Set(known.map(({ to }) => to))]).toEqual(['processors/chain.ts']);
    const names = /syslog|\bhistory\.ts|addons-processor|json-?rpc/i;
    expect(files.filter((file) => file.startsWith('operations/') && names.test(codeOf(file)))).toEqual([]);
  });

  it('let operations know of plugins only that there are triggers, and of companions only that they answer', () => {
    const known = inside.filter(({ from, to }) => from.startsWith('operations/') && /^(plugins|rpc)\//.test(to));
    expect([...new Set(known.map(({ to }) => to))].sort()).toEqual(['plugins/triggers.ts', 'rpc/companion.ts']);
  });

  it('start programs in few places: scripts, what takes over the terminal, and services, which outlive a call', () => {
    const starts = imports.filter(({ to }) => /^(node:child_process|execa)$/.test(to)).map(({ from }) => from);
    expect([...new Set(starts)].filter((from) => !/^(scripts|services)\//.test(from))).toEqual(STARTING_THEMSELVES);
  });

  it('reach ADDONS, locks, markers and journal through state only', () => {
    const pattern = /proper-lockfile|write-file-atomic/;
    expect(said(imports.filter(({ from, to }) => pattern.test(to) && !from.startsWith('state/')))).toEqual([]);
  });
});

describe('outside of the command line', () => {
  // serve() runs in the process of an add-on or a processor, whose main program it is.
  const quiet = files.filter((file) => !/^(cli|dokku)\//.test(file) && file !== 'rpc/serve.ts');

  it.each([
    ['reads the environment', /process\s*\.\s*env\b|\benv\b[^;]*from 'node:process'/],
    ['prints', /\bconsole\s*\.|process\s*\.\s*(stdout|stderr)\b/],
    ['ends the process', /process\s*\.\s*(exit|abort)\b/],
    ['looks at the arguments or the directory it was started in', /process\s*\.\s*(argv|cwd|chdir)\b/],
  ])('nothing %s', (_, pattern) => {
    expect(quiet.filter((file) => pattern.test(codeOf(file)))).toEqual([]);
  });
});

describe('every file', () => {
  it('is short: at most 250 lines', () => {
    const long = files
      .map((file) => [file, textOf(file).split('\n').length - 1] as const)
      .filter(([, lines]) => lines > 250);
    expect(long).toEqual([]);
  });

  it('has a name that says what it is, and so has what it offers', () => {
    const EMPTY_WORD = /util|helper|common|manager|misc|stuff/i;
    const EXPORT = /^export (?:default )?(?:async )?(?:function\*?|const|let|class|interface|type|enum) (\w+)/gm;
    const names = files.flatMap((file) => [
      file,
      ...[...textOf(file).matchAll(EXPORT)].map(([, name = '']) => `${file}: ${name}`),
    ]);
    expect(names.length).toBeGreaterThan(files.length);
    expect(names.filter((name) => EMPTY_WORD.test(name))).toEqual([]);
  });

  it('casts to nothing that switches the types off', () => {
    expect(
      files.filter((file) => /\bas (any|unknown as)\b|: any\b|@ts-(ignore|nocheck|expect-error)/.test(codeOf(file))),
    ).toEqual([]);
  });
});

it('the public API is re-exports only', () => {
  const statements = codeOf('index.ts')
    .split(';')
    .filter((statement) => statement.trim() !== '');
  expect(statements.filter((statement) => !/^\s*export\s+(type\s+)?(\{|\*)[\s\S]*\bfrom\b/.test(statement))).toEqual(
    [],
  );
});

function reaches(from: string, goal: string, next: Map<string, string[]>, seen = new Set<string>()): boolean {
  return (next.get(from) ?? []).some((to) => {
    if (to === goal) return true;
    if (seen.has(to)) return false;
    seen.add(to);
    return reaches(to, goal, next, seen);
  });
}
