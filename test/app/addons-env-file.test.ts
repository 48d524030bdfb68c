import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkVariableName, namesFor, parseAddonsEnvFile, setNames } from '../../lib/app/addons-env-file.ts';

const parse = (lines: string) => parseAddonsEnvFile(Buffer.from(lines, 'latin1'));
const set = (lines: string, addon: string, names: string[]) =>
  setNames(Buffer.from(lines, 'latin1'), addon, names).toString('latin1');

it('reads the extra names of each add-on, in the order of the lines', () => {
  const file = parse('db;DATABASE_URL\n\nredis;CACHE\ndb;_b2\n');
  expect(file).toEqual({
    names: [
      { addon: 'db', name: 'DATABASE_URL', line: 1 },
      { addon: 'redis', name: 'CACHE', line: 3 },
      { addon: 'db', name: '_b2', line: 4 },
    ],
    malformed: [],
  });
  expect([namesFor(file, 'db'), namesFor(file, 'other')]).toEqual([['DATABASE_URL', '_b2'], []]);
});

it.each([
  ['DATABASE_URL', 'no semicolon'],
  ['db;A;B', 'a second semicolon'],
  [';A', 'an invalid add-on name'],
  ['../db;A', 'an invalid add-on name'],
  ['db;', 'an invalid variable name'],
  ['db;9A', 'an invalid variable name'],
  ['db;A B', 'an invalid variable name'],
  ['db;A-B', 'an invalid variable name'],
  [`db;${'A'.repeat(256)}`, 'an invalid variable name'],
  ['db;A\r', 'a CRLF line end; lines end with a newline alone'],
])('cannot understand %j, and goes on with the others', (line, problem) => {
  expect(parse(`${line}\ndb;B`)).toEqual({
    names: [{ addon: 'db', name: 'B', line: 2 }],
    malformed: [{ line: 1, problem }],
  });
});

it('takes the same line twice for one, and tells of one name for two add-ons', () => {
  expect(parse('db;A\ndb;A\nredis;A\n').names).toEqual([
    { addon: 'db', name: 'A', line: 1 },
    { addon: 'redis', name: 'A', line: 3 },
  ]);
});

describe('setting the names of an add-on', () => {
  it.each([
    ['', ['A', 'B'], 'db;A\ndb;B\n'],
    ['redis;C', ['A'], 'redis;C\ndb;A\n'],
    ['db;A\nredis;C\ndb;B\n', ['B'], 'redis;C\ndb;B\n'],
    ['db;A\nredis;C', [], 'redis;C'],
    ['db;A\n', [], ''],
    ['oops\xff\ndb;A\n\n# mine;\n', ['B'], 'oops\xff\n\n# mine;\ndb;B\n'],
    ['db;A\ndb;A\n', ['B', 'B'], 'db;B\n'],
  ])('turns %j with %j into %j', (before, names, after) => {
    expect(set(before, 'db', names)).toBe(after);
  });

  it('gives the same bytes where nothing changes', () => {
    const bytes = Buffer.from('redis;C\ndb;A\noops');
    expect(setNames(bytes, 'db', ['A'])).toBe(bytes);
    expect(setNames(bytes, 'other', [])).toBe(bytes);
  });

  it('refuses what is no name', () => {
    for (const name of ['', '1', 'A;B', 'A\nB', 'A=B', 'Ä', 'A'.repeat(256)]) {
      expect(() => set('', 'db', [name])).toThrow('is not a name for a variable');
      expect(() => checkVariableName(name)).toThrow('is not a name for a variable');
    }
    expect(checkVariableName('A'.repeat(255))).toHaveLength(255);
  });
});

describe('whatever bytes there are', () => {
  const names = fc.array(fc.constantFrom('A', 'B_1', '_c', 'DATABASE_URL'), { maxLength: 4 });
  const line = fc.oneof(
    fc.constantFrom('db;A', 'db;B_1', 'redis;A', 'redis;_c', '', 'oops', 'db;A;', '\xff;A'),
    fc.string({ maxLength: 12 }),
  );
  const file = fc.oneof(
    fc.array(line).map((lines) => Buffer.from(lines.join('\n'))),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  );

  it('every line is understood, malformed or blank', () => {
    fc.assert(
      fc.property(file, (bytes) => {
        const { names, malformed } = parseAddonsEnvFile(bytes);
        const lines = bytes.toString('latin1').split('\n');
        const told = new Set([...names, ...malformed].map((one) => one.line));
        const twice = (text: string, at: number) => lines.indexOf(text) < at;
        expect(lines.every((text, at) => text === '' || told.has(at + 1) || twice(text, at))).toBe(true);
      }),
    );
  });

  it('the add-on has exactly the names that were set, and no line of others is lost', () => {
    fc.assert(
      fc.property(file, names, (bytes, wanted) => {
        const after = setNames(bytes, 'db', wanted);
        const [was, is] = [parseAddonsEnvFile(bytes), parseAddonsEnvFile(after)];
        expect(namesFor(is, 'db')).toEqual([...new Set(wanted)]);
        const others = (one: typeof was) => one.names.filter(({ addon }) => addon !== 'db').map(({ name }) => name);
        expect([others(is), is.malformed.map(({ problem }) => problem)]).toEqual([
          others(was),
          was.malformed.map(({ problem }) => problem),
        ]);
        expect(setNames(after, 'db', wanted)).toBe(after);
      }),
    );
  });
});
