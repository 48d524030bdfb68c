import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manifestDocument, parseManifest } from '../../lib/app/manifest.ts';
import { AddonsError } from '../../lib/errors.ts';

const parse = (value: unknown) =>
  parseManifest(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), 'addons.json');

function refusal(value: unknown): AddonsError {
  try {
    parse(value);
  } catch (error) {
    if (error instanceof AddonsError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('an addons.json', () => {
  it('names the add-ons of each app, and their extra variables', () => {
    const { apps } = parse({
      $schema: 'manifest.schema.json',
      apps: {
        shop: { db: {}, redis: { env: ['REDIS_URL', 'CACHE_URL'] }, pg: { env: 'DATABASE_URL' } },
        blog: ['db'],
        old: {},
      },
    });
    expect(apps).toEqual({
      shop: { db: { env: [] }, redis: { env: ['REDIS_URL', 'CACHE_URL'] }, pg: { env: ['DATABASE_URL'] } },
      blog: { db: { env: [] } },
      old: {},
    });
  });

  it('may name an app or add-on as JavaScript names its own', () => {
    expect(parse({ apps: { constructor: { valueOf: {} } } }).apps).toEqual({ constructor: { valueOf: { env: [] } } });
    expect(refusal('{"apps": {"__proto__": {}}}').message).toContain('apps.__proto__');
  });

  it.each([
    [{}, 'the document has no "apps"'],
    [[], 'the document must be an object'],
    [{ apps: [] }, 'apps must be an object of apps'],
    [{ app: {} }, 'app is no key that is known here'],
    [{ apps: {}, $schema: 1 }, '$schema must be a string'],
    [{ apps: { Shop: {} } }, 'apps.Shop is not allowed: "Shop" is not a name for an app'],
    [{ apps: { 'a.b': 1 } }, 'apps["a.b"] must be an object of add-ons, or an array of their names'],
    [{ apps: { shop: ['db', 1] } }, "apps.shop[1] must be an add-on's name"],
    [{ apps: { shop: ['db', 'db'] } }, 'apps.shop[1] stands there twice'],
    [{ apps: { shop: ['-db'] } }, 'apps.shop[0] is not allowed: "-db" is not a name for an add-on'],
    [{ apps: { shop: { db: null } } }, 'apps.shop.db must be an object'],
    [{ apps: { shop: { db: { evn: [] } } } }, 'apps.shop.db.evn is no key that is known here'],
    [{ apps: { shop: { db: { env: 1 } } } }, "apps.shop.db.env must be a variable's name, or an array of such names"],
    [
      { apps: { shop: { db: { env: ['A-B'] } } } },
      'apps.shop.db.env[0] is not allowed: "A-B" is not a name for a variable',
    ],
    [{ apps: { shop: { db: { env: ['A', 'A'] } } } }, 'apps.shop.db.env[1] stands there twice'],
    ['{"apps": {"shop": {}, "shop": {}}}', 'apps.shop stands there twice'],
    ['{"apps": {"shop": {"db": {}, "d\\u0062": {}}}}', 'apps.shop.db stands there twice'],
    ['{"apps": {}, "apps": {}}', 'apps stands there twice'],
  ])('%j is refused, naming the place and what to do', (value, message) => {
    const error = refusal(value);
    expect(error.code).toBe('malformed');
    expect(error.message).toBe(`addons.json, line 1: ${message}.`);
    expect(error.hint).toMatch(/\S/);
  });

  it('tells the line, and the nearest key', () => {
    const error = refusal('{\n  "apps": {\n    "shop": { "db": {\n      "envs": "A" } }\n  }\n}\n');
    expect(error.message).toBe('addons.json, line 4: apps.shop.db.envs is no key that is known here.');
    expect(error.hint).toBe('Keys here are: env. Did you mean "env"?');
  });

  it('is written sorted, and reads back as it was', () => {
    expect(JSON.stringify(manifestDocument({ apps: { b: { y: { env: ['N'] }, x: { env: [] } }, a: {} } }))).toBe(
      '{"$schema":"https://unpkg.com/paas-addons/docs/manifest.schema.json","apps":{"a":{},"b":{"x":{},"y":{"env":["N"]}}}}',
    );
    const name = fc.stringMatching(/^[a-z][a-z0-9._-]{0,8}$/);
    const env = fc.uniqueArray(fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/), { maxLength: 3 });
    const apps = fc.dictionary(
      name,
      fc.dictionary(
        name,
        env.map((names) => ({ env: names })),
      ),
    );
    fc.assert(
      fc.property(apps, (wanted) => {
        expect(parse(manifestDocument({ apps: wanted })).apps).toEqual({ ...wanted });
      }),
    );
  });
});
