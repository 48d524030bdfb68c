import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { parse, stringify } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { parseDescriptor } from '../../lib/addon/descriptor.ts';
import { DESCRIPTOR_SCHEMA, descriptorSchema } from '../../lib/addon/descriptor-schema.ts';
import { blocksOf, page, ROOT } from './pages.ts';

const schema = JSON.parse(page('docs/addon.schema.json'));
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

function accepts(toml: string): boolean {
  try {
    parseDescriptor(toml, 'addon.toml');
    return true;
  } catch {
    return false;
  }
}

const wrong = fc.constantFrom<unknown>(true, 1, 'text', [], {}, ['a b'], [[]]);
const mostly = <T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<unknown> = wrong) =>
  fc.oneof({ arbitrary: usual, weight: 40 }, { arbitrary: other, weight: 1 });
const some = (...good: string[]) => mostly(fc.array(fc.constantFrom(...good), { maxLength: 2 }));
const keys = (good: string[], bad: string) => mostly(fc.constantFrom(...good), fc.constant(bad)).map(String);
const section = (known: Record<string, fc.Arbitrary<unknown>>, bad: string) =>
  mostly(fc.tuple(fc.record(known, { requiredKeys: [] }), mostly(fc.constant({}), fc.constant({ [bad]: 'x' })))).map(
    (found) => (Array.isArray(found) && found.length === 2 ? Object.assign({}, ...found) : found),
  );
const config = mostly(
  fc.dictionary(fc.constantFrom('a', 'b-c', '_d'), mostly(fc.oneof(fc.string(), fc.integer(), fc.boolean())), {
    maxKeys: 2,
  }),
);
const document = fc.record(
  {
    addon: section(
      {
        description: mostly(fc.string()),
        version: mostly(fc.string()),
        format: mostly(fc.constant(1), fc.constantFrom(2, '1')),
        idempotent: mostly(fc.boolean()),
        pass_env: some('A', 'B_1'),
        inherits: some('base', 'tools'),
      },
      'verison',
    ),
    timeouts: mostly(
      fc.dictionary(
        keys(['url', 'postinstall', 'build'], 'ulr'),
        mostly(fc.integer({ min: 1, max: 9 }), fc.constantFrom(0, 'x')),
        {
          maxKeys: 2,
        },
      ),
    ),
    config,
    develop: section({ include: some('*.sh'), exclude: some('log/') }, 'ignore'),
    daemons: mostly(
      fc.dictionary(
        keys(['web', 'job.1'], 'a b'),
        section(
          {
            command: mostly(fc.array(fc.constantFrom('serve', '', '--port'), { maxLength: 2 })),
            instances: mostly(fc.integer({ min: 1, max: 64 }), fc.constantFrom(0, 65, 1.5, '1')),
            stop_timeout: mostly(fc.integer({ min: 1, max: 60 }), fc.constantFrom(0, 'x')),
            limits: section({ files: mostly(fc.integer({ min: 1, max: 9 }), fc.constantFrom(0, '1')) }, 'file'),
          },
          'port',
        ),
        { maxKeys: 1 },
      ),
    ),
  },
  { requiredKeys: [] },
);

describe('the schema of addon.toml', () => {
  test('is generated from the table that the parser reads by', () => {
    expect(schema, 'run: npm run schema').toEqual(JSON.parse(JSON.stringify(descriptorSchema())));
    expect(schema.$id).toBe(DESCRIPTOR_SCHEMA);
  });

  test('accepts and refuses what the parser accepts and refuses', () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(document, (found) => {
        const toml = stringify(found);
        const verdict = accepts(toml);
        // As an editor sees it.
        expect(validate(parse(toml)), `${toml}\n${JSON.stringify(validate.errors)}`).toBe(verdict);
        seen[verdict ? 'accepted' : 'refused']++;
      }),
      { numRuns: 1500 },
    );
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(100);
  });

  test.each(['addons/db', 'addons/redis', 'addons/postgresql', 'addons/mariadb', 'examples/own-add-on/inbox'])(
    'accepts %s',
    (path) => {
      expect(validate(parse(page(`${path}/addon.toml`))), JSON.stringify(validate.errors)).toBe(true);
    },
  );

  test('is what every template refers to', () => {
    const templates = join(ROOT, 'templates');
    for (const name of readdirSync(templates)) {
      const toml = readFileSync(join(templates, name, 'addon.toml'), 'utf8');
      expect(toml.split('\n')[0]).toBe(`#:schema ${DESCRIPTOR_SCHEMA}`);
      expect(validate(parse(toml))).toBe(true);
    }
  });

  test('accepts what the documentation shows', () => {
    const shown = ['docs/writing-add-ons.md', 'docs/configuration.md', 'docs/packages.md', 'docs/services.md'].flatMap(
      (path) => blocksOf(page(path)).filter(({ language }) => language === 'toml'),
    );
    expect(shown.length).toBeGreaterThan(4);
    for (const { lines } of shown) expect(validate(parse(lines.join('\n'))), lines.join('\n')).toBe(true);
  });
});
