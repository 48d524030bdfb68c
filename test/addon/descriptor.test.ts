import { describe, expect, it } from 'vitest';
import { DEFAULT_DESCRIPTOR, parseDescriptor, timeoutOf } from '../../lib/addon/descriptor.ts';
import { AddonsError } from '../../lib/errors.ts';

const failure = (toml: string): AddonsError => {
  try {
    parseDescriptor(toml, 'db/addon.toml');
  } catch (error) {
    if (error instanceof AddonsError) return error;
  }
  throw new Error('expected an AddonsError');
};

describe('addon.toml', () => {
  it('says what the add-on is', () => {
    const toml = `
      [addon]
      description = "SQLite files"
      version = "1.0.0"
      idempotent = true
      pass_env = ["AWS_REGION"]
      format = 1
      inherits = ["base"]

      [timeouts]
      provision = 5
      url = 0.5

      [config]
      port = 5432
      tls = false
      image = "postgres:17"

      [profiles.big.config]
      port = 1

      [develop]
      include = ["*.sh"]
      exclude = ["log/"]
      [processors.files]
      keep = 20
    `;
    expect(parseDescriptor(toml, 'addon.toml')).toEqual({
      description: 'SQLite files',
      version: '1.0.0',
      idempotent: true,
      passEnv: ['AWS_REGION'],
      inherits: ['base'],
      profiles: { big: { port: 1 } },
      watched: { include: ['*.sh'], exclude: ['log/'] },
      cron: [],
      daemons: {},
      timeouts: { provision: 5, url: 0.5 },
      config: { port: 5432, tls: false, image: 'postgres:17' },
      processors: { sections: new Map([['files', { keep: 20 }]]), problems: [] },
    });
  });

  it('may be empty, which is as good as none', () => {
    expect(parseDescriptor('', 'addon.toml')).toEqual(DEFAULT_DESCRIPTOR);
  });

  it('keeps keys with special names as data', () => {
    const { config } = parseDescriptor('[config]\n__proto__ = "a"\nconstructor = "b"\n', 'addon.toml');
    expect(Object.entries(config)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });
});

describe('a wrong addon.toml', () => {
  it.each([
    ['[addon]\nversion = 1\n', 'addon.version: expected a string'],
    ['[addon]\ndescription = true\n', 'addon.description: expected a string'],
    ['[addon]\nidempotent = "yes"\n', 'addon.idempotent: expected true or false'],
    ['[addon]\npass_env = "A"\n', 'addon.pass_env: expected an array of names'],
    ['[addon]\npass_env = ["A=B"]\n', 'addon.pass_env: expected an array of names'],
    ['[addon]\nidempotnt = true\n', 'unknown key in [addon]: idempotnt. Did you mean "idempotent"?'],
    ['[addon]\n__proto__ = 1\n', 'unknown key in [addon]: __proto__.'],
    ['[timeouts]\nurl = 0\n', 'timeouts.url: expected a positive number of seconds'],
    ['[timeouts]\nurl = -1\n', 'timeouts.url: expected a positive'],
    ['[timeouts]\nurl = "30s"\n', 'timeouts.url: expected a positive'],
    ['[timeouts]\nurl = nan\n', 'timeouts.url: expected a positive'],
    ['[timeouts]\nurl = 2147484\n', 'at most 2147483'],
    ['[timeouts]\nprovison = 3\n', 'unknown key in [timeouts]: provison. Did you mean "provision"?'],
    ['[config]\na = [1]\n', 'config.a: expected a string, a finite number, true or false'],
    ['[config]\na = inf\n', 'config.a: expected a string'],
    ['[config]\na = 2020-01-01\n', 'config.a: expected a string'],
    ['[config.a]\nb = 1\n', 'config.a: expected a string'],
    ['idempotent = true\n', 'a key outside of any section: idempotent'],
    ['[[addon]]\nversion = "1"\n', 'addon: expected a section, [addon]'],
    ['[addno]\nversion = "1"\n', 'line 1, has an unknown section: [addno]. Did you mean "addon"?'],
    ['daemons = 1\n', 'a key outside of any section: daemons'],
    ['[addon]\nformat = 2\n', 'has format 2, newer than 1, which is understood'],
    ['[addon]\nformat = 2\nlater = 1\n[later]\n', 'has format 2, newer than 1'],
    ['[addon]\nformat = "1"\n', 'addon.format: expected 1'],
    ['[addon]\ninherits = ["-x"]\n', 'addon.inherits: expected an array of names of add-ons'],
    ['[develop]\ninclude = "*"\n', 'develop.include: expected an array of patterns'],
    ['[develop]\nignore = []\n', 'unknown key in [develop]: ignore.'],
    ['[profiles.big.config]\nport = 1\n', 'has profiles.big.config.port, but [config] has no port.'],
    [
      '[config]\nport = 1\n[profiles.big.config]\nport = "1"\n',
      'line 4, has a wrong value for profiles.big.config.port',
    ],
    ['[config]\na = 1\n[profiles.big]\na = 1\n', 'line 4, has an unknown key in [profiles.big]: a.'],
    [
      '[addon]\n\n# note\ndescription = """\nversion\n"""\nversoin = "1"\n',
      'line 7, has an unknown key in [addon]: versoin',
    ],
    ['[addon]\npass_env = [\n  "A=B",\n]\n', 'line 2, has a wrong value for addon.pass_env'],
    ['[addon\n', 'is not valid TOML at line 1, column'],
    ['[addon]\nversion = "1\n', 'is not valid TOML at line 2, column'],
  ])('%j is told with file and key', (toml, message) => {
    const error = failure(toml);
    expect(error.code).toBe('malformed');
    expect(error.message).toContain('db/addon.toml');
    expect(error.message).toContain(message);
    expect(error.hint).toBeTruthy();
  });

  it('is told without quoting the lines around the mistake', () => {
    const error = failure('[config]\npassword = "hunter2"\nx = = "hunter2"\n');
    expect(error.message).toContain('line 3');
    expect(`${error.message}${error.hint}${error.cause}${error.stack}`).not.toContain('hunter2');
  });
});

describe('the timeout of a script', () => {
  it('is what addon.toml says, else 600 seconds, for url and health 30', () => {
    const descriptor = parseDescriptor('[timeouts]\nprovision = 5\n', 'addon.toml');
    expect(timeoutOf(descriptor, 'provision')).toBe(5);
    expect(timeoutOf(descriptor, 'unprovision')).toBe(600);
    expect(timeoutOf(DEFAULT_DESCRIPTOR, 'url')).toBe(30);
    expect(timeoutOf(DEFAULT_DESCRIPTOR, 'health')).toBe(30);
  });
});
