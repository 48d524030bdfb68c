import { describe, expect, it } from 'vitest';
import { isAppJson, manifestOfAppJson } from '../../lib/app/app-json.ts';
import { readJson } from '../../lib/app/json-tree.ts';

const document = (value: unknown) =>
  readJson(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), 'app.json');

const read = (addons: unknown[], known: string[] = []) => manifestOfAppJson(document({ addons }), 'shop', known);

const resources = (addons: unknown[], known?: string[]) => read(addons, known).manifest.apps.shop;

describe("Heroku's app.json", () => {
  it('is told from a manifest of ours', () => {
    expect(isAppJson(document({ name: 'x', addons: [] }))).toBe(true);
    expect(isAppJson(document({ addons: [], apps: {} }))).toBe(false);
    expect(isAppJson(document({ addons: {} }))).toBe(false);
    expect(isAppJson(document([]))).toBe(false);
  });

  it.each([
    ['heroku-postgresql', { postgresql: { env: ['DATABASE_URL'] } }],
    ['heroku-redis', { redis: { env: ['REDIS_URL'] } }],
    ['jawsdb', { mariadb: { env: ['JAWSDB_URL'] } }],
    ['jawsdb-maria', { mariadb: { env: ['JAWSDB_MARIA_URL'] } }],
    ['cleardb', { mariadb: { env: ['CLEARDB_DATABASE_URL'] } }],
    ['memcachier', { memcachier: { env: [] } }],
    ['constructor', { constructor: { env: [] } }],
  ])('means by %s the add-on and the variable that its apps look for', (slug, expected) => {
    expect(resources([slug])).toEqual(expected);
    expect(resources([{ plan: slug }])).toEqual(expected);
  });

  it('gives the variable the name of the attachment', () => {
    expect(resources([{ plan: 'heroku-redis:mini', as: 'CACHE' }])).toEqual({ redis: { env: ['CACHE_URL'] } });
    expect(resources([{ plan: 'memcachier', as: 'CACHE' }])).toEqual({ memcachier: { env: ['CACHE_URL'] } });
  });

  it('drops "heroku-" where only the rest is a name of an add-on here', () => {
    expect(resources(['heroku-kafka'])).toEqual({ 'heroku-kafka': { env: [] } });
    expect(resources(['heroku-kafka'], ['kafka'])).toEqual({ kafka: { env: [] } });
    expect(resources(['heroku-kafka'], ['kafka', 'heroku-kafka'])).toEqual({ 'heroku-kafka': { env: [] } });
  });

  it('says once what of it means nothing here', () => {
    const { notes } = read(['heroku-redis:mini', { plan: 'heroku-postgresql:a:b', options: { version: '16' } }, 'x']);
    expect(notes).toEqual([
      'Plans and options are not used here: heroku-redis:mini, heroku-postgresql:a:b, options of heroku-postgresql.',
    ]);
    expect(read(['x']).notes).toEqual([]);
  });

  it('takes nothing away', () => {
    expect(read([]).manifest).toEqual({ apps: { shop: {} }, additive: true });
  });

  it.each([
    [[1], 'addons[0] must be an add-on'],
    [[{}], 'addons[0] must be an add-on'],
    [[{ plan: 1 }], 'addons[0].plan must be an add-on'],
    [[':mini'], 'addons[0] must be the name of an add-on'],
    [['db', { plan: 'x', as: 'A-B' }], 'addons[1].as must be a name such as CACHE'],
    [['db', { plan: 'x', as: 1 }], 'addons[1].as must be a name such as CACHE'],
    [['heroku-postgresql', { plan: 'heroku-postgresql', as: 'OTHER' }], 'addons[1] asks for a second postgresql'],
  ])('%j is refused, naming the place', (addons, message) => {
    expect(() => read(addons)).toThrow(expect.objectContaining({ code: 'malformed' }));
    expect(() => read(addons)).toThrow(`app.json, line 1: ${message}`);
  });

  it('with two lists is refused', () => {
    expect(() => manifestOfAppJson(document('{"addons": [], "addons": ["x"]}'), 'shop', [])).toThrow(
      'stands there twice',
    );
  });
});
