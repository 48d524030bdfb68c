import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MANIFEST_SCHEMA, parseManifest } from '../../lib/app/manifest.ts';
import { blocksOf, page } from './pages.ts';

const schema = JSON.parse(page('docs/manifest.schema.json'));
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

/** Both as yes or no. */
const verdicts = (document: unknown) => ({ schema: validate(document), parser: accepts(document) });

function accepts(document: unknown): boolean {
  try {
    parseManifest(Buffer.from(JSON.stringify(document)), 'addons.json');
    return true;
  } catch {
    return false;
  }
}

const GOOD = ['shop', 'db', 'a.b', 'x-1', 'constructor', 'a'.repeat(63)];
const BAD = ['Shop', '', '-x', 'x\n', 'é', 'a'.repeat(64), '__proto__'];
const mostly = (good: string[], bad: string[]) =>
  fc.oneof({ arbitrary: fc.constantFrom(...good), weight: 19 }, { arbitrary: fc.constantFrom(...bad), weight: 1 });
const name = mostly(GOOD, BAD);
const variable = mostly(['DATABASE_URL', '_', 'a1', 'A'.repeat(255)], ['1A', 'A-B', '', 'A\n', 'A'.repeat(256)]);
const wrong = fc.constantFrom<unknown>(null, true, 1, 'text', [], {}, [[]], { env: [] });
const rarely = <T>(usual: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: usual, weight: 24 }, { arbitrary: wrong, weight: 1 });
const env = rarely(fc.oneof(variable, fc.array(rarely(variable), { maxLength: 3 })));
const resource = rarely(fc.dictionary(fc.constantFrom('env', 'env', 'env', 'evn'), env, { maxKeys: 1 }));
const app = rarely(fc.oneof(fc.dictionary(name, resource, { maxKeys: 3 }), fc.array(rarely(name), { maxLength: 3 })));
const apps = rarely(fc.dictionary(name, app, { maxKeys: 3 }));
const manifests = fc.oneof(
  { arbitrary: fc.record({ apps, $schema: rarely(fc.string()) }, { requiredKeys: ['apps'] }), weight: 9 },
  { arbitrary: fc.record({ apps, app: apps }, { requiredKeys: [] }), weight: 1 },
);

describe('the schema of addons.json', () => {
  test('accepts and refuses what the parser accepts and refuses', () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(
        fc.oneof({ arbitrary: manifests, weight: 9 }, { arbitrary: fc.jsonValue(), weight: 1 }),
        (document) => {
          const { schema: bySchema, parser } = verdicts(document);
          expect(parser).toBe(bySchema);
          seen[bySchema ? 'accepted' : 'refused']++;
        },
      ),
      { numRuns: 3000 },
    );
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(200);
  });

  test('has its own address, and good examples', () => {
    expect(schema.$id).toBe(MANIFEST_SCHEMA);
    expect(schema.examples.map(verdicts)).toEqual([{ schema: true, parser: true }]);
  });

  test('accepts every manifest that the documentation shows', () => {
    const shown = blocksOf(page('docs/manifest.md'))
      .filter(({ language }) => language === 'json')
      .map(({ lines }) => JSON.parse(lines.join('\n')))
      .filter((document) => 'apps' in document);
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.map(verdicts)).toEqual(shown.map(() => ({ schema: true, parser: true })));
  });
});
