import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainOf, readProcessors, valuesOf } from '../../lib/addon/processors.ts';
import { readToml } from '../../lib/addon/toml.ts';

const read = (toml: string, path = 'db/addon.toml') => readProcessors(readToml(toml, path));
const names = (...files: string[]) => chainOf(files.map((file) => read(file))).map(({ name }) => name);

describe('a chain', () => {
  it('is the history alone where nothing is said', () => {
    expect(chainOf([read(''), read('[addon]\n')])).toEqual([
      { name: 'history', timeout: 10, forward: false, config: {} },
    ]);
  });

  it('has the order of the file, and the history last', () => {
    expect(names('[processors.syslog]\n[processors.files]\n[processors.a-b]\n')).toEqual([
      'syslog',
      'files',
      'a-b',
      'history',
    ]);
    expect(names('[processors.history]\n[processors.log]\n')).toEqual(['history', 'log']);
  });

  it('keeps values as they are typed', () => {
    const [mail] = chainOf([
      read('[processors.mail]\nto = "a@b"\nport = 25\ntls = true\nonly = ["url", 1]\ntimeout = 0.5\nforward = true\n'),
    ]);
    expect(mail).toEqual({
      name: 'mail',
      timeout: 0.5,
      forward: true,
      config: { to: 'a@b', port: 25, tls: true, only: ['url', 1] },
    });
  });

  it('is the operator’s to change, key by key: others are added, and some taken out', () => {
    const own = '[processors.log]\n[processors.files]\nkeep = 5\ndays = 1\n';
    const operator = '[processors.files]\nkeep = 9\n[processors.log]\nenabled = false\n[processors.syslog]\n';
    expect(names(own, operator)).toEqual(['files', 'syslog', 'history']);
    expect(chainOf([read(own), read(operator)])[0]?.config).toEqual({ keep: 9, days: 1 });
    expect(names(own, operator, '[processors.history]\nenabled = false\n')).toEqual(['files', 'syslog']);
  });
});

describe('what is wrong', () => {
  it.each([
    ['processors = 1', /no sections/],
    ['[processors]\nlog = 1', /processors\.log/],
    ['[[processors.log]]', /processors\.log/],
    ['[processors.Log]', /"Log"/],
    ['[processors."../x"]', /"\.\.\/x"/],
    ['[processors.7]', /"7"/],
    ['[processors.log]\nenabled = "no"', /log\.enabled: expected true or false/],
    ['[processors.log]\nforward = 1', /log\.forward/],
    ['[processors.log]\ntimeout = 0', /log\.timeout: expected a positive number/],
    ['[processors.log]\nsince = 2026-01-01', /log\.since/],
    ['[processors.log]\nin.a.table = 1', /log\.in/],
  ])('%s is told with its file, and the rest goes on', (toml, problem) => {
    const found = read(`${toml}\n[processors.files]\n`.replace(/^processors = 1\n\[.*\n/, 'processors = 1\n'));
    expect(found.problems).toEqual([expect.stringMatching(problem)]);
    expect(found.problems[0]).toMatch(/^db\/addon\.toml, line [12], has /);
    expect([...found.sections.keys()]).toEqual(toml === 'processors = 1' ? [] : ['files']);
  });

  it('never stops anything', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (processors) => {
        const found = readProcessors({ path: 'addon.toml', text: '', document: { processors } });
        expect(found.sections.size + found.problems.length).toBe(Object.keys(processors).length);
      }),
    );
  });
});

describe('the keys of a built-in processor', () => {
  const DEFAULTS = { directory: '', keep: 100, quiet: false };

  it('have defaults', () => {
    expect(valuesOf({ keep: 3 }, DEFAULTS)).toEqual({ directory: '', keep: 3, quiet: false });
  });

  it('are known, and have the type of the default', () => {
    expect(() => valuesOf({ kep: 3 }, DEFAULTS)).toThrow('it does not know kep. Did you mean "keep"?');
    expect(() => valuesOf({ keep: '3' }, DEFAULTS)).toThrow('keep must be a number.');
    expect(() => valuesOf({ keep: [3] }, DEFAULTS)).toThrow('keep must be a number.');
  });
});
