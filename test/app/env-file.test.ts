import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'dotenv';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { editEnv, readEnv } from '../../lib/app/env-file.ts';
import { valueProblem } from '../../lib/app/env-value.ts';
import { AddonsError } from '../../lib/errors.ts';

const set = (text: string, changes: Record<string, string | undefined>) =>
  editEnv(Buffer.from(text), new Map(Object.entries(changes))).toString();

describe('setting a config var in ENV', () => {
  it.each([
    ['a new file', '', "export X_DB_URL='v'\n"],
    ['after lines of others', 'A=1\n# note\n', "A=1\n# note\nexport X_DB_URL='v'\n"],
    ['after a missing final newline', 'A=1', "A=1\nexport X_DB_URL='v'\n"],
    ['in place', "A=1\nexport X_DB_URL='old'\nB=2\n", "A=1\nexport X_DB_URL='v'\nB=2\n"],
    ['without export', 'X_DB_URL=old\nB=2\n', "export X_DB_URL='v'\nB=2\n"],
    ['with spaces', '  export  X_DB_URL = "old"  \nB=2\n', "export X_DB_URL='v'\nB=2\n"],
    ['with a comment of its own', 'X_DB_URL=old # main\n# next\n', "export X_DB_URL='v'\n# next\n"],
    ['without a value', 'X_DB_URL=\nB=2\n', "export X_DB_URL='v'\nB=2\n"],
    ['as YAML', 'X_DB_URL: old\n', "export X_DB_URL='v'\n"],
    ['over several lines', "X_DB_URL='o\nl\nd'\nB=2\n", "export X_DB_URL='v'\nB=2\n"],
    ['that stands several times', 'X_DB_URL=1\nA=1\nX_DB_URL=2\nB=2', "export X_DB_URL='v'\nA=1\nB=2"],
    ['as the last line', 'A=1\nX_DB_URL=old', "A=1\nexport X_DB_URL='v'"],
    ['with CRLF around', 'A=1\r\nX_DB_URL=old\r\nB=2\r\n', "A=1\r\nexport X_DB_URL='v'\nB=2\r\n"],
    ['after a CR that only dotenv takes for a line end', 'A=1\rX_DB_URL=old\rB=2', "A=1\r\nexport X_DB_URL='v'\nB=2"],
    ['after a byte order mark', '\ufeffX_DB_URL=old\nB=2\n', "\ufeff\nexport X_DB_URL='v'\nB=2\n"],
    ['after a Unicode line break', '# a\u2028X_DB_URL=old\nB=2\n', "# a\u2028\nexport X_DB_URL='v'\nB=2\n"],
    ['beside a longer name', 'X_DB_URL_OLD=1\nMY_X_DB_URL=2\n', "X_DB_URL_OLD=1\nMY_X_DB_URL=2\nexport X_DB_URL='v'\n"],
    ['beside a comment', '#X_DB_URL=1\n', "#X_DB_URL=1\nexport X_DB_URL='v'\n"],
    ['beside quotes in an unquoted value', "A=it's\nX_DB_URL=1\nB=it's\n", "A=it's\nexport X_DB_URL='v'\nB=it's\n"],
    ['below a word alone', 'export\nX_DB_URL=1\n', "export\nexport X_DB_URL='v'\n"],
  ])('%s', (_, before, after) => {
    expect(set(before, { X_DB_URL: 'v' })).toBe(after);
    expect(set(after, { X_DB_URL: 'v' })).toBe(after);
  });

  it.each(["'", '"', '`'])('does not take a line inside of a %s value for it', (quote) => {
    const text = `FOO=${quote}a\nX_DB_URL=b\nc${quote}\n`;
    expect(set(text, { X_DB_URL: 'v' })).toBe(`${text}export X_DB_URL='v'\n`);
    expect(set(text, { X_DB_URL: undefined })).toBe(text);
  });

  it('sets and drops several at once', () => {
    const before = "export X_DB_URL='1'\nA=1\nexport X_OLD_URL='2'\n";
    expect(set(before, { X_NEW_URL: 'n', X_OLD_URL: undefined, X_DB_URL: '3' })).toBe(
      "export X_DB_URL='3'\nA=1\nexport X_NEW_URL='n'\n",
    );
  });

  it('takes "$&" and the like literally', () => {
    expect(set('X_DB_URL=1\n', { X_DB_URL: '$&$1$$`"é😀' })).toBe("export X_DB_URL='$&$1$$`\"é😀'\n");
  });

  it('gives the same bytes back without a change', () => {
    const bytes = Buffer.from("A=1\r\n\n  export X_DB_URL='v'\nexport X_OLD_URL='w'");
    expect(editEnv(bytes, new Map())).toBe(bytes);
    expect(editEnv(bytes, new Map([['X_OLD_URL', 'w']]))).toBe(bytes);
    expect(editEnv(bytes, new Map([['X_NONE_URL', undefined]]))).toBe(bytes);
  });

  it('keeps invalid UTF-8 of others', () => {
    const foreign = Buffer.from([0x41, 0x3d, 0xff, 0xe0, 0x0a]);
    const edited = editEnv(
      Buffer.concat([foreign, Buffer.from('X_DB_URL=ü\n'), foreign]),
      new Map([['X_DB_URL', 'é']]),
    );
    expect(edited).toEqual(Buffer.concat([foreign, Buffer.from("export X_DB_URL='é'\n"), foreign]));
  });
});

describe('dropping a config var from ENV', () => {
  it.each([
    ["A=1\nexport X_DB_URL='v'\nB=2\n", 'A=1\nB=2\n'],
    ["X_DB_URL='v'", ''],
    ["A=1\nX_DB_URL='a\nb'\n", 'A=1\n'],
    ['X_DB_URL=1 # main\n# next\nX_DB_URL=2\n', '# next\n'],
    ['\ufeffX_DB_URL=old\nexport B=2\n', '\ufeff\nexport B=2\n'],
  ])('%j', (before, after) => expect(set(before, { X_DB_URL: undefined })).toBe(after));
});

describe('what cannot stand in ENV', () => {
  it.each([
    ["a'b", 'a single quote (write %27 instead)'],
    ['a\\b', 'a backslash (write %5C instead)'],
    ['a\nb', 'a control character or line break'],
    ['a\rb', 'a control character or line break'],
    ['a\tb', 'a control character or line break'],
    ['a\0b', 'a control character or line break'],
    ['a\x7fb', 'a control character or line break'],
    ['a\u2028b', 'a Unicode line break (U+2028 or U+2029)'],
    ['\ufeffa', 'a byte order mark (U+FEFF)'],
    ['a\ud800', 'a lone surrogate'],
    ['é'.repeat(16_385), 'more than 32768 bytes'],
  ])('%j', (value, problem) => {
    expect(valueProblem(value)).toBe(problem);
    const write = () => set('A=1\n', { X_DB_URL: value });
    expect(write).toThrow(expect.objectContaining({ code: 'malformed' }));
    expect(write).toThrow(`The value for X_DB_URL has ${problem}.`);
  });

  it('but everything else can', () => {
    expect(valueProblem('x://u:p%27@h/?a="b"&$c;`d`#e😀')).toBeUndefined();
    expect(valueProblem('é'.repeat(16_384))).toBeUndefined();
  });

  it('a name that is no variable', () => {
    expect(() => set('', { 'a b': 'v' })).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  it('anything after an open quote that would swallow it, and no value is told', () => {
    const write = () => set("export A='open\n", { X_DB_URL: '#hunter2' });
    expect(write).toThrow(expect.objectContaining({ code: 'malformed', hint: expect.stringContaining('quote') }));
    expect(write).toThrow(/ (A|X_DB_URL) would not read back/);
    expect(write).not.toThrow('hunter2');
  });
});

describe('ENV of any content', () => {
  const piece = fc.constantFrom(
    ...['X_DB_URL', 'A', 'B.c', 'export ', 'export\t', '=', ' = ', ': ', "'", '"', '`', '\\', '#', ' ', '\n', '\n\n'],
    ...['\r\n', '\r', 'v', 'é', 'à', '\u00a0', '\u2028', '\ufeff', '\u3000', "X_DB_URL='o'\n", 'A="1"\n', "B='x\ny'\n"],
  );
  const noise = fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes));
  const env = fc
    .array(fc.oneof({ weight: 9, arbitrary: piece.map((text) => Buffer.from(text)) }, { weight: 1, arbitrary: noise }))
    .map((pieces) => Buffer.concat(pieces));

  const edited = (bytes: Buffer, value: string | undefined) => {
    try {
      return editEnv(bytes, new Map([['X_DB_URL', value]]));
    } catch (error) {
      if (error instanceof AddonsError && error.code === 'malformed') return undefined;
      throw error;
    }
  };

  it.each(['v', '#', undefined])('set to %j, reads back as asked and as before for others, or is refused', (value) => {
    fc.assert(
      fc.property(env, (bytes) => {
        const result = edited(bytes, value);
        if (result === undefined) return;
        const expected = readEnv(bytes);
        expected.delete('X_DB_URL');
        if (value !== undefined) expected.set('X_DB_URL', value);
        expect(Object.fromEntries(readEnv(result))).toEqual(Object.fromEntries(expected));
        expect(edited(result, value)).toBe(result);
      }),
      { numRuns: 2000 },
    );
  });

  it('is seldom refused: a wrong idea of what dotenv takes for a line would show here', () => {
    const samples = fc.sample(env, { numRuns: 2000, seed: 7 });
    expect(samples.filter((bytes) => edited(bytes, 'v') === undefined).length).toBeLessThan(20);
  });

  it('is kept whole when a variable it does not have is appended', () => {
    fc.assert(
      fc.property(env, (bytes) => {
        const result = edited(bytes, 'v');
        if (result === undefined || readEnv(bytes).has('X_DB_URL')) return;
        expect(result.subarray(0, bytes.length)).toEqual(bytes);
        expect(result.subarray(bytes.length).toString()).toMatch(/^\n?export X_DB_URL='v'\n$/);
      }),
    );
  });

  it('keeps every line of others byte for byte, wherever ours stand', () => {
    const foreign = fc.constantFrom(
      'A=1',
      '',
      '# c',
      "export B='x y'",
      'C="1\n2"',
      'D=\xe0\xff',
      'E=1\r',
      '  F = 2 ',
      '???',
    );
    const ours = fc.constantFrom('X_DB_URL=1', "export X_DB_URL='1'", ' X_DB_URL = "1" # c', "X_DB_URL='1\n2'");
    const line = fc.oneof(
      foreign.map((text) => ({ text, own: false })),
      ours.map((text) => ({ text, own: true })),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const join = (parts: { text: string }[]) => parts.map(({ text }) => `${text}\n`).join('');
        const first = lines.findIndex(({ own }) => own);
        const kept = lines.flatMap(({ text, own }, index) => {
          if (!own) return [{ text }];
          return index === first ? [{ text: "export X_DB_URL='v'" }] : [];
        });
        if (first === -1) kept.push({ text: "export X_DB_URL='v'" });
        const bytes = editEnv(Buffer.from(join(lines), 'latin1'), new Map([['X_DB_URL', 'v']]));
        expect(bytes.toString('latin1')).toBe(join(kept));
      }),
    );
  });
});

describe('every valid value', () => {
  const dir = mkdtempSync(join(tmpdir(), 'env-file-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const nasty = fc.constantFrom(...'$`"#;%&|<>(){}[]*?~!= \u00a0éàÿ'.split(''), '😀', '$(id)', '~/x');
  const value = fc
    .oneof(fc.string({ unit: fc.oneof(nasty, fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })) }), fc.webUrl())
    .filter((text) => valueProblem(text) === undefined);
  const values = fc.sample(value, { numRuns: 1500, seed: 42 });
  const vars = new Map(values.map((text, index) => [`X_V${index}_URL`, text]));
  const bytes = editEnv(Buffer.from("A='1'\n"), vars);
  const file = join(dir, 'ENV');
  writeFileSync(file, bytes);

  it('reads back through dotenv', () => {
    expect(parse(bytes.toString())).toEqual({ A: '1', ...Object.fromEntries(vars) });
  });

  it.each(['bash', 'dash'])('reads back through %s, for its child processes', (shell) => {
    const environment = execFileSync(shell, ['-c', '. "$1"; exec env -0', shell, file], {
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const read = new Map(
      environment
        .toString()
        .split('\0')
        .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    );
    for (const [key, text] of vars) expect(read.get(key)).toBe(text);
  });
});
