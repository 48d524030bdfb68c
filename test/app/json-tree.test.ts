import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonNode, readJson } from '../../lib/app/json-tree.ts';

const read = (text: string) => readJson(Buffer.from(text), 'addons.json');

/** What JSON.parse would give for it. */
function plain(node: JsonNode): unknown {
  if (node.type === 'array') return node.items.map(plain);
  if (node.type !== 'object') return node.value;
  return Object.fromEntries(node.members.map(({ key, value }) => [key, plain(value)]));
}

const outcome = (work: () => unknown) => {
  try {
    return { value: work() };
  } catch {
    return 'refused';
  }
};

/** JSON with something typed wrong here and there. */
const nearlyJson = fc
  .tuple(
    fc.json({ maxDepth: 4 }),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(...'{}[],:"\\ \n0-e.tru\u0001é'.split('')))),
  )
  .map(([text, slips]) =>
    slips.reduce(
      (now, [at, letter]) => now.slice(0, at % (now.length + 1)) + letter + now.slice((at % (now.length + 1)) + 1),
      text,
    ),
  );

describe('a JSON document', () => {
  it('is read as JSON.parse reads it, and refused where JSON.parse refuses it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json({ maxDepth: 5 }), nearlyJson, fc.string()), (text) => {
        fc.pre(!text.startsWith('\ufeff') && !/\p{Surrogate}/u.test(text));
        expect(outcome(() => plain(read(text).root))).toEqual(outcome(() => JSON.parse(text)));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['a comma too many', '{\n  "apps": {},\n}', 'line 3', 'key in double quotes is missing'],
    ['a comma too few', '[1\n2]', 'line 2', 'a comma is missing'],
    ['a comment', '{\n// mine\n}', 'line 2', 'no comments'],
    ['an open string', '{"a\n": 1}', 'line 1', 'not closed'],
    ['a key without quotes', '{apps: {}}', 'line 1', 'neither a string'],
    ['nothing', '', 'line 1', 'a value is missing'],
    ['two documents', '{}\n{}', 'line 2', 'more after the end'],
    ['too deep a nest', `${'['.repeat(200)}${']'.repeat(200)}`, 'line 1', 'more than 100 deep'],
    ['a nest that is too deep for the stack', '['.repeat(1_000_000), 'line 1', 'more than 100 deep'],
  ])('with %s is refused, with the line', (_, text, line, why) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'malformed' }));
    expect(() => read(text)).toThrow(line);
    expect(() => read(text)).toThrow(why);
  });

  it('with a byte order mark, in another encoding or too large is refused', () => {
    expect(() => read('\ufeff{}')).toThrow('byte order mark');
    expect(() => readJson(Buffer.from([0xff, 0xfe, 0x7b, 0]), 'a.json')).toThrow('a.json is not valid UTF-8.');
    expect(() => readJson(Buffer.alloc(16 * 2 ** 20 + 1, 0x20), 'a.json')).toThrow('a.json is larger than 16 MiB.');
  });

  it('keeps a key that stands there twice', () => {
    expect(read('{"a": 1, "a": 2}').root).toMatchObject({ members: [{ key: 'a' }, { key: 'a' }] });
  });
});
