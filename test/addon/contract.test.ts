import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LINE_LIMIT,
  parseIds,
  parsePrivate,
  parseProvision,
  parseUrl,
  redactUrls,
  SCRIPTS,
} from '../../lib/addon/contract.ts';
import { AddonsError } from '../../lib/errors.ts';

const bytes = (text: string) => Buffer.from(text);
const failure = (parse: (output: Buffer) => unknown, output: Buffer) => {
  try {
    parse(output);
  } catch (error) {
    if (error instanceof AddonsError) return error;
    throw error;
  }
  return undefined;
};

describe('the scripts', () => {
  it('are five required and five optional ones; url and health are quick', () => {
    expect(SCRIPTS.filter(({ required }) => required).map(({ name }) => name)).toEqual([
      'enable',
      'disable',
      'provision',
      'unprovision',
      'url',
    ]);
    expect(SCRIPTS.filter(({ timeout }) => timeout === 30).map(({ name }) => name)).toEqual(['url', 'health']);
    expect(SCRIPTS).toHaveLength(10);
  });
});

describe('what provision prints', () => {
  it.each([
    ['app-1;s3cret\n', { id: 'app-1', private: 's3cret' }],
    ['app-1;s3cret', { id: 'app-1', private: 's3cret' }],
    ['app-1;\n', { id: 'app-1', private: '' }],
    [' a b ; c \n', { id: ' a b ', private: ' c ' }],
  ])('%j is a resource', (output, resource) => expect(parseProvision(bytes(output))).toEqual(resource));

  it.each([
    ['', 'printed nothing'],
    ['\n', 'printed an empty line'],
    ['id;hunter2\n\n', 'printed two lines'],
    ['id;hunter2\nid;hunter2\n', 'printed two lines'],
    ['a\nb\nhunter2', 'printed 3 lines'],
    ['hunter2\n', 'printed no semicolon'],
    ['id;hunter2;x\n', 'printed a second semicolon'],
    ['id;hunter2\0\n', 'printed a NUL byte'],
    ['id;hunter2\r\n', 'printed a carriage return'],
    [';hunter2\n', 'printed an empty id'],
    ['-id;hunter2\n', 'printed an id that starts with a dash'],
    [`id;hunter2${'x'.repeat(4096)}`, 'printed too long an id and private (over 4096 bytes together)'],
    [`hunter2${'x'.repeat(LINE_LIMIT)}`, `printed too long an output (over ${LINE_LIMIT} bytes)`],
  ])('%j is refused, saying only what is wrong', (output, message) => {
    const error = failure(parseProvision, bytes(output));
    expect(error).toMatchObject({ code: 'script-output', message });
    expect(`${error?.message} ${error?.hint} ${error?.cause}`).not.toContain('hunter2');
  });

  it('is refused when it is not UTF-8', () => {
    expect(failure(parseProvision, Buffer.from([0x61, 0x3b, 0xff]))?.message).toBe('printed invalid UTF-8');
  });

  it('gives one line of one resource or an error, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom('', 'id;', 'a;b'), (noise, start) => {
        const output = Buffer.concat([bytes(start), noise]);
        const error = failure(parseProvision, output);
        if (error) expect(error.code).toBe('script-output');
        else {
          const { id, private: secret } = parseProvision(output);
          expect(bytes(`${id};${secret}`)).toEqual(output.at(-1) === 10 ? output.subarray(0, -1) : output);
        }
      }),
    );
  });
});

describe('what url prints', () => {
  it.each(['postgres://u:p%27w@h:5432/db?a=b#c\n', 'sqlite:///var/lib/db'])('%j is a URL', (output) => {
    expect(parseUrl(bytes(output))).toBe(output.trim());
  });

  it.each([
    ['', 'printed nothing'],
    ['\n', 'printed an empty line'],
    ["x://u:hunter2'@h\n", 'printed a URL with a single quote (write %27 instead)'],
    ['x://u:hunter2\\@h', 'printed a URL with a backslash (write %5C instead)'],
    ['x://u:hunter2\t@h', 'printed a URL with a control character or line break'],
    ['x://hunter2\nx://h', 'printed two lines'],
    [`x://hunter2${'x'.repeat(32_768)}`, 'printed a URL with more than 32768 bytes'],
  ])('%j is refused', (output, message) => expect(failure(parseUrl, bytes(output))?.message).toBe(message));
});

describe('what list prints', () => {
  it.each([
    ['', []],
    ['a\n', ['a']],
    ['a\nb', ['a', 'b']],
  ])('%j', (output, ids) => expect(parseIds(bytes(output))).toEqual(ids));

  it.each([
    ['a\n\nb\n', 'printed an empty id'],
    ['\n', 'printed an empty id'],
    ['a\n-b\n', 'printed an id that starts with a dash'],
    ['a;b\n', 'printed an id with a semicolon'],
    ['a\r\n', 'printed a carriage return'],
  ])('%j is refused', (output, message) => expect(failure(parseIds, bytes(output))?.message).toBe(message));
});

describe('what rotate prints', () => {
  it('is the new private', () => expect(parsePrivate(bytes('n3w -x\n'))).toBe('n3w -x'));

  it.each([
    ['', 'printed nothing'],
    ['\n', 'printed an empty line'],
    ['a;b\n', 'printed a private with a semicolon'],
  ])('%j is refused', (output, message) => expect(failure(parsePrivate, bytes(output))?.message).toBe(message));
});

describe('passwords in URLs', () => {
  it.each([
    ['postgres://u:pw@h:5432/db', 'postgres://u:[redacted]@h:5432/db'],
    ['redis://:pw@h', 'redis://:[redacted]@h'],
    ['x://u:p:w@d@h/', 'x://u:[redacted]@h/'],
    ['x://u:p/w@h/db', 'x://u:[redacted]@h/db'],
    ['x://u:p#w@h/db', 'x://u:[redacted]@h/db'],
    ['first x://u:pw@h, then y+z://v:qw@i.', 'first x://u:[redacted]@h, then y+z://v:[redacted]@i.'],
    ['http://h:8080/@scope/a:b@c', 'http://h:8080/@scope/a:b@c'],
    ['http://h:80 mail a@b', 'http://h:80 mail a@b'],
    ['ssh://git@h/x:y', 'ssh://git@h/x:y'],
    ['x://u:[redacted]@h', 'x://u:[redacted]@h'],
  ])('%j', (text, shown) => expect(redactUrls(text)).toBe(shown));

  it.each(['a', 'x://a:', 'x://', ':', 'a:', '@'])('are found in time in 64 KiB of %j', (piece) => {
    const start = performance.now();
    redactUrls(`x://u:${piece.repeat(65_536 / piece.length)}`);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
