import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'dotenv';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type EnvFormat, formatEnv } from '../../lib/app/env-formats.ts';
import { AddonsError } from '../../lib/errors.ts';

const FORMATS: EnvFormat[] = ['dotenv', 'docker', 'json', 'shell'];
const format = (vars: Record<string, string>, as: EnvFormat) => formatEnv(new Map(Object.entries(vars)), as);

const nasty = fc.constantFrom(...'\'"`\\$#;=%! \n\r\tnr'.split(''), '\u2028', '\ufeff', '\u00a0', 'é', '😀');
const anyValue = fc.oneof(fc.string({ unit: nasty }), fc.string({ unit: 'grapheme' }), fc.constant(''));
const key = fc.string({ unit: fc.constantFrom('A', 'b', '_', '7'), minLength: 1 }).map((text) => `K${text}`);
const anyVars = fc.dictionary(key, anyValue, { noNullPrototype: true });

/** Undefined where the format refuses a variable, which it must name. */
const tryFormat = (vars: Record<string, string>, as: EnvFormat) => {
  try {
    return format(vars, as);
  } catch (error) {
    if (!(error instanceof AddonsError)) throw error;
    expect(error.code).toBe('malformed');
    expect(Object.keys(vars)).toContain(/^"(\w+)"/.exec(error.message)?.[1]);
    return undefined;
  }
};

describe('the formats of env', () => {
  it.each([
    ['dotenv', "A='1'\nX_DB_URL='x://u:p$w#@h'\n"],
    ['docker', 'A=1\nX_DB_URL=x://u:p$w#@h\n'],
    ['json', '{\n  "A": "1",\n  "X_DB_URL": "x://u:p$w#@h"\n}\n'],
    ['shell', "export A='1'\nexport X_DB_URL='x://u:p$w#@h'\n"],
  ] as const)('%s', (as, text) => expect(format({ A: '1', X_DB_URL: 'x://u:p$w#@h' }, as)).toBe(text));

  it.each(FORMATS)('%s says little when there are no variables', (as) => {
    expect(format({}, as)).toBe(as === 'json' ? '{}\n' : '');
  });

  it.each([
    ["it's", "A=it's\n"],
    ['a\nb', "A='a\nb'\n"],
    ["it's\nb", "A=`it's\nb`\n"],
    ["it's `x`\nb", 'A="it\'s `x`\\nb"\n'],
    ['a\rb', 'A="a\\rb"\n'],
    ['C:\\dir\\', 'A=C:\\dir\\\n'],
    ['', "A=''\n"],
  ])('dotenv quotes %j so that it reads back', (value, text) => {
    expect(format({ A: value }, 'dotenv')).toBe(text);
    expect(parse(text)).toEqual({ A: value });
  });

  it.each([
    ['dotenv', { A: '\'"`\n' }],
    ['dotenv', { 'a b': '1' }],
    ['docker', { A: 'a\nb' }],
    ['docker', { A: 'a\rb' }],
    ['docker', { 'a b': '1' }],
    ['docker', { '#a': '1' }],
    ['shell', { 'a.b': '1' }],
    ['shell', { 'a;id': '1' }],
    ['shell', { A: '\0' }],
  ] as const)('%s refuses %j and names it', (as, vars) => {
    expect(() => format(vars, as)).toThrow(JSON.stringify(Object.keys(vars)[0]));
    expect(() => format(vars, as)).toThrow(expect.objectContaining({ code: 'malformed' }));
  });

  it('tells no value in an error', () => expect(() => format({ A: 'hunter2\n' }, 'docker')).not.toThrow('hunter2'));
});

describe('any variables', () => {
  const dir = mkdtempSync(join(tmpdir(), 'env-formats-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('read back through dotenv, or are refused', () => {
    fc.assert(
      fc.property(anyVars, (vars) => {
        const text = tryFormat(vars, 'dotenv');
        if (text !== undefined) expect(parse(text)).toEqual(vars);
      }),
      { numRuns: 500 },
    );
  });

  it('never break a line in docker, and read back', () => {
    fc.assert(
      fc.property(anyVars, (vars) => {
        const text = tryFormat(vars, 'docker');
        if (text === undefined) return;
        const lines = text.split('\n').slice(0, -1);
        expect(text).not.toContain('\r');
        expect(Object.fromEntries(lines.map((line) => [line.split('=')[0], line.replace(/^.*?=/s, '')]))).toEqual(vars);
      }),
    );
  });

  it('read back from JSON', () => {
    fc.assert(
      fc.property(anyVars, (vars) => {
        expect(JSON.parse(format(vars, 'json'))).toEqual(vars);
      }),
    );
  });

  it.each(['sh', 'bash'])('can be evaluated by %s', (shell) => {
    const values = fc.sample(anyValue, { numRuns: 800, seed: 11 });
    const vars = Object.fromEntries(values.map((value, index) => [`K${index}`, value]));
    const file = join(dir, shell);
    writeFileSync(file, format(vars, 'shell'));
    const output = execFileSync(shell, ['-c', 'eval "$(cat "$1")"; exec env -0', shell, file], {
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const read = new Map(
      output
        .toString()
        .split('\0')
        .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    );
    for (const [name, value] of Object.entries(vars)) expect(read.get(name)).toBe(value);
  });
});
