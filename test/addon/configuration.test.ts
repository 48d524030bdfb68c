import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configEnvironment, mergeConfig, redactConfig } from '../../lib/addon/configuration.ts';
import { type Config, DEFAULT_DESCRIPTOR, parseDescriptor } from '../../lib/addon/descriptor.ts';
import { AddonsError } from '../../lib/errors.ts';

const DEFAULTS: Config = { port: 5432, tls: false, image: 'postgres:17', _schema: 2 };
const merge = (toml: string | undefined) =>
  mergeConfig({ ...DEFAULT_DESCRIPTOR, config: DEFAULTS }, [{ path: 'add-ons.d/db.toml', toml }]).config;

const failure = (act: () => unknown): AddonsError => {
  try {
    act();
  } catch (error) {
    if (error instanceof AddonsError) return error;
  }
  throw new Error('expected an AddonsError');
};

describe('overriding the configuration of an add-on', () => {
  it.each([
    [undefined, DEFAULTS],
    ['', DEFAULTS],
    ['[config]\n', DEFAULTS],
    ['[config]\nport = 1\ntls = true\n', { ...DEFAULTS, port: 1, tls: true }],
  ])('with %j', (toml, config) => expect(merge(toml)).toEqual(config));

  it('leaves the defaults themselves alone', () => {
    merge('[config]\nport = 1\n');
    merge(undefined).port = 2;
    expect(DEFAULTS.port).toBe(5432);
  });

  it.each([
    ['port = 1\n', 'has port outside of [config]'],
    ['[confg]\nport = 1\n', 'has confg outside of [config]'],
    ['config = 1\n', 'config: expected a section'],
    ['[config]\nprot = 1\n', 'overrides prot, which the add-on does not declare. Did you mean "port"?'],
    ['[config]\n_schema = 3\n', 'overrides _schema, but keys that start with "_"'],
    ['[config]\n__proto__ = 3\n', 'overrides __proto__'],
    ['[config]\ntoString = "x"\n', 'overrides toString'],
    ['[config]\nport = "5432"\n', 'config.port: expected a number'],
    ['[config]\ntls = 1\n', 'config.tls: expected a boolean'],
    ['[config]\nimage = ["a"]\n', 'config.image: expected a string'],
    ['[config\n', 'is not valid TOML at line 1'],
  ])('refuses %j, with the next step', (toml, message) => {
    const error = failure(() => merge(toml));
    expect(error.code).toBe('malformed');
    expect(error.message).toContain('add-ons.d/db.toml');
    expect(error.message).toContain(message);
    expect(error.hint).toBeTruthy();
  });

  it('says which keys are overridden, and where', () => {
    const from = (toml?: string) =>
      mergeConfig({ ...DEFAULT_DESCRIPTOR, config: DEFAULTS }, [{ path: 'db.toml', toml }]).from;
    expect([from(), from('[config]\ntls = false\n')]).toEqual([{}, { tls: 'db.toml' }]); // to the default, too
  });

  it('names file, line and key', () => {
    expect(failure(() => merge('[config]\ntls = true\n\n# port\nprot = 1\n')).message).toBe(
      'add-ons.d/db.toml, line 5, overrides prot, which the add-on does not declare. Did you mean "port"?',
    );
    expect(failure(() => merge('[profiles.big.config]\nimage = ""\ntls = 3\n')).message).toContain('line 3,');
  });

  it('tells no value in an error', () => {
    expect(failure(() => merge('[config]\nport = "hunter2"\n')).message).not.toContain('hunter2');
  });
});

describe('layers and profiles', () => {
  const descriptor = parseDescriptor(
    `
    [config]
    size = 1
    mode = "plain"
    _schema = 1
    [profiles.big.config]
    size = 10
    _schema = 2
    [profiles.odd.config]
    mode = "odd"
    `,
    'addon.toml',
  );
  const operator = '[config]\nmode = "operator"\n[profiles.big.config]\nmode = "big"\n';
  const layered = (profile?: string, root?: string) =>
    mergeConfig(
      descriptor,
      [
        { path: 'operator', toml: operator },
        { path: 'root', toml: root },
      ],
      profile,
    );

  it.each([
    [undefined, { size: 1, mode: 'operator', _schema: 1 }],
    ['big', { size: 10, mode: 'big', _schema: 2 }],
    // In every file first: the operator's plain value stands above the package's profile.
    ['odd', { size: 1, mode: 'operator', _schema: 1 }],
    ['unknown', { size: 1, mode: 'operator', _schema: 1 }],
  ])('profile %j', (profile, config) => expect(layered(profile).config).toEqual(config));

  it('root stands above the operator, value by value', () => {
    const { config, from } = layered('big', '[config]\nsize = 3\n');
    expect([config, from]).toEqual([
      { size: 3, mode: 'big', _schema: 2 },
      { mode: 'operator', size: 'root' },
    ]);
  });

  it.each([
    ['[profiles.big.config]\n_schema = 3\n', 'overrides _schema'],
    ['[profiles.big.config]\nsiez = 3\n', 'Did you mean "size"?'],
    ['[profiles.big]\nsize = 3\n', 'unknown key in [profiles.big]: size.'],
    ['[profiles."a b".config]\nsize = 3\n', 'a profile of the name "a b"'],
    ['[profiles.other.config]\nsize = "3"\n', 'profiles.other.config.size: expected a number'],
  ])('refuses %j, also where that profile is not in force', (toml, message) => {
    expect(failure(() => layered(undefined, toml)).message).toContain(message);
  });
});

describe('the configuration that scripts get', () => {
  it('is one variable a key', () => {
    expect(configEnvironment({ port: 5432, tls: true, 'max-size': 1.5, _schema: false, 'log.Dir': '/a b' })).toEqual({
      ADDON_CONFIG_PORT: '5432',
      ADDON_CONFIG_TLS: '1',
      ADDON_CONFIG_MAX_SIZE: '1.5',
      ADDON_CONFIG__SCHEMA: '0',
      ADDON_CONFIG_LOG_DIR: '/a b',
    });
  });

  it.each(['a\nhunter2', 'a\rhunter2', 'a\0hunter2'])('has no value such as %j', (value) => {
    const error = failure(() => configEnvironment({ note: value }));
    expect(error).toMatchObject({ code: 'malformed' });
    expect(error.message).toMatch(/value of note has a NUL or a line break/);
    expect(error.message).not.toContain('hunter2');
  });

  it('has no variable that two keys give', () => {
    expect(failure(() => configEnvironment({ 'a-b': 1, a_b: 2 })).message).toContain('ADDON_CONFIG_A_B');
  });

  it('has only names that a shell takes, whatever the keys', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (key) => {
        expect(Object.keys(configEnvironment({ [key]: 1 }))[0]).toMatch(/^ADDON_CONFIG_[A-Z0-9_]*$/);
      }),
    );
  });
});

describe('showing the configuration', () => {
  it('leaves out passwords in URLs and what its key calls secret', () => {
    expect(
      redactConfig({
        server: 'postgres://admin:hunter2@h:5432',
        admin_password: 'hunter2',
        apiKey: 'hunter2',
        Token: 12345,
        client_secret: 'hunter2',
        use_token: true,
        password: '',
        port: 5432,
        image: 'postgres:17',
      }),
    ).toEqual({
      server: 'postgres://admin:[redacted]@h:5432',
      admin_password: '[redacted]',
      apiKey: '[redacted]',
      Token: '[redacted]',
      client_secret: '[redacted]',
      use_token: true,
      password: '',
      port: 5432,
      image: 'postgres:17',
    });
  });
});
