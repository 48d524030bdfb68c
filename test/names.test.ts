import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddonsError } from '../lib/errors.ts';
import {
  checkAddonName,
  checkAppName,
  checkPlatformName,
  configVarName,
  isAddonName,
  isAppName,
  suggestion,
  variablePrefix,
} from '../lib/names.ts';

const problemOf = (check: () => unknown): AddonsError => {
  try {
    check();
  } catch (error) {
    if (error instanceof AddonsError) return error;
  }
  throw new Error('expected an AddonsError');
};

describe('names', () => {
  it.each(['shop', 'a', '0', 'my.shop-2_x', 'a'.repeat(63)])('takes the app name %s', (name) => {
    expect(checkAppName(name)).toBe(name);
  });

  it.each(['', 'Shop', '.hidden', '-x', '..', 'a/b', 'a b', 'a;b', 'shop\n', 'ä', 'a'.repeat(64)])(
    'refuses the app name %j',
    (name) => {
      expect(isAppName(name)).toBe(false);
      expect(problemOf(() => checkAppName(name))).toMatchObject({ code: 'usage' });
    },
  );

  it.each(['db', 'Db', 'my-db.2'])('takes the add-on name %s', (name) => expect(checkAddonName(name)).toBe(name));

  it.each(['', '.db', '../db', '-f', 'a;b', 'db\n', 'db\0', 'a'.repeat(64)])('refuses the add-on name %j', (name) => {
    expect(isAddonName(name)).toBe(false);
    expect(() => checkAddonName(name)).toThrow(AddonsError);
  });

  it('says what kind of name it is not, and what is allowed', () => {
    expect(problemOf(() => checkAppName('A')).message).toBe('"A" is not a name for an app.');
    expect(problemOf(() => checkAddonName('/')).message).toBe('"/" is not a name for an add-on.');
    expect(problemOf(() => checkPlatformName('9')).message).toBe('"9" is not a name for a platform.');
    expect(problemOf(() => checkAppName('A')).hint).toContain('lower-case letters');
    expect(problemOf(() => checkAppName(`app platform${'!'.repeat(500)}`)).message.length).toBeLessThan(150);
  });

  it('never lets a name leave its directory or be taken for an option', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('.', '/', '-', 'a', 'A', '\n', '\0', ';', '~') }), (name) => {
        if (isAppName(name) || isAddonName(name)) expect(name).toMatch(/^[a-zA-Z0-9][^/\n\0;~]*$/);
      }),
    );
  });
});

describe('config vars', () => {
  it.each([
    ['x', 'db', 'X_DB_URL'],
    ['x', 'my-db', 'X_MY_DB_URL'],
    ['x', 'my.db', 'X_MY_DB_URL'],
    ['dokku', 'pg15', 'DOKKU_PG15_URL'],
    ['my-paas', 'db', 'MY_PAAS_DB_URL'],
  ])('of platform %s and add-on %s is %s', (platform, addon, expected) => {
    expect(configVarName(platform, addon)).toBe(expected);
  });

  it('start with the prefix of the platform', () => expect(variablePrefix('my-paas')).toBe('MY_PAAS'));
});

describe('a suggestion', () => {
  it('is the nearest known name', () => {
    expect(suggestion('postgers', ['redis', 'postgres'])).toBe(' Did you mean "postgres"?');
    expect(suggestion('REDIS', ['redis'])).toBe(' Did you mean "redis"?');
  });

  it('is silent when nothing is near or known', () => {
    expect(suggestion('db', ['postgres'])).toBe('');
    expect(suggestion('db', [])).toBe('');
  });
});
