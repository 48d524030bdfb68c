import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appendResource,
  dropRepeats,
  dropResource,
  parseAddonsFile,
  type Resource,
  replacePrivate,
  resourceProblem,
} from '../../lib/app/addons-file.ts';

const parse = (text: string) => parseAddonsFile(Buffer.from(text));
const resource = (addon: string, id: string, secret = ''): Resource => ({ addon, id, private: secret });

describe('reading ADDONS', () => {
  it('gives the resources in their order, with their lines', () => {
    expect(parse('db;one;s3cret\n\nredis;two;\n')).toEqual({
      resources: [
        { addon: 'db', id: 'one', private: 's3cret', line: 1 },
        { addon: 'redis', id: 'two', private: '', line: 3 },
      ],
      malformed: [],
      duplicates: [],
    });
  });

  it('reads an empty file and a last line without newline', () => {
    expect(parse('').resources).toEqual([]);
    expect(parse('db;one;p').resources).toEqual([{ addon: 'db', id: 'one', private: 'p', line: 1 }]);
  });

  it('reports an add-on with several lines, each line kept', () => {
    const file = parse('db;one;\nredis;x;\ndb;two;\n');
    expect(file.duplicates).toEqual([{ addon: 'db', lines: [1, 3] }]);
    expect(file.resources).toHaveLength(3);
  });

  it.each([
    ['hunter2', '0 semicolons instead of 2'],
    ['db;hunter2', '1 semicolon instead of 2'],
    ['db;id;hunter2;x', '3 semicolons instead of 2'],
    ['   ', '0 semicolons instead of 2'],
    ['db;id;hunter2\r', 'a CRLF line end; lines end with a newline alone'],
    ['../db;id;hunter2', 'an invalid add-on name'],
    ['\ufeffdb;id;hunter2', 'an invalid add-on name'],
    ['db;;hunter2', 'an empty id'],
    ['db;-rf;hunter2', 'an id that starts with a dash'],
    ['db;i\rd;hunter2', 'an id with a carriage return'],
    ['db;id;hunter2\0', 'a private with a NUL byte'],
    [`db;id;hunter2${'x'.repeat(4096)}`, 'too long an id and private (over 4096 bytes together)'],
  ])('reports %j without its content, and still reads the others', (line, problem) => {
    expect(parse(`ok;1;\n${line}\nalso;2;\n`)).toEqual({
      resources: [
        { addon: 'ok', id: '1', private: '', line: 1 },
        { addon: 'also', id: '2', private: '', line: 3 },
      ],
      malformed: [{ line: 2, problem }],
      duplicates: [],
    });
    expect(problem).not.toContain('hunter2');
  });

  it('reports invalid UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('db;i'), Buffer.from([0xff]), Buffer.from(';\n')]);
    expect(parseAddonsFile(bytes).malformed).toEqual([{ line: 1, problem: 'invalid UTF-8' }]);
  });

  it('does not normalise Unicode, and counts bytes', () => {
    expect(parse('db;e\u0301;\ufeff\n').resources[0]).toMatchObject({ id: 'e\u0301', private: '\ufeff' });
    expect(parse(`db;i;${'é'.repeat(2047)}\n`).malformed).toEqual([]);
    expect(parse(`db;i;${'é'.repeat(2048)}\n`).malformed).toHaveLength(1);
  });
});

describe('changing ADDONS', () => {
  it.each([
    ['', 'db;i;p\n'],
    ['redis;1;\n', 'redis;1;\ndb;i;p\n'],
    ['redis;1;', 'redis;1;\ndb;i;p\n'],
    ['broken', 'broken\ndb;i;p\n'],
  ])('appends to %j', (before, after) => {
    expect(appendResource(Buffer.from(before), resource('db', 'i', 'p')).toString()).toBe(after);
  });

  it('refuses to append what would not read back, without telling the secret', () => {
    const append = () => appendResource(Buffer.from(''), resource('db', 'i', 'hunter2;'));
    expect(append).toThrow(expect.objectContaining({ code: 'malformed' }));
    expect(append).toThrow(/^The resource has a private with a semicolon\.$/);
  });

  it('drops the lines of exactly one pair', () => {
    const before = Buffer.from('db;1;a\ndb;2;b\n\nredis;1;c\njunk\ndb;1;d');
    expect(dropResource(before, 'db', '1').toString()).toBe('db;2;b\n\nredis;1;c\njunk\n');
    expect(dropResource(before, 'db', '3')).toEqual(before);
  });

  it('replaces the private of one pair and keeps a missing newline', () => {
    const before = Buffer.from('db;1;old\nredis;1;old\ndb;1;older');
    expect(replacePrivate(before, 'db', '1', '$&new').toString()).toBe('db;1;$&new\nredis;1;old\ndb;1;$&new');
  });

  it('refuses to replace the private of a line that is gone, or by one that is not valid', () => {
    const before = Buffer.from('db;1;old\n');
    expect(() => replacePrivate(before, 'db', '2', 'new')).toThrow(
      expect.objectContaining({ code: 'resource-not-found' }),
    );
    expect(() => replacePrivate(before, 'db', '1', 'a\nb')).toThrow(expect.objectContaining({ code: 'malformed' }));
  });
});

describe('any bytes', () => {
  // Half noise, half pieces of lines, so that valid, duplicate and broken lines all occur.
  const piece = fc.constantFrom('db;1;x', 'db;2;', 'redis;1;é', ';', '\n', '\r\n', '\0', '-', '\ufeff', 'db', ' ');
  const bytes = fc
    .array(
      fc.oneof(
        piece.map((text) => Buffer.from(text)),
        fc.uint8Array({ maxLength: 4 }).map((a) => Buffer.from(a)),
      ),
    )
    .map((pieces) => Buffer.concat(pieces));
  const lines = (file: Buffer) => file.toString('latin1').split('\n');

  it('every line that is not blank is either a resource or malformed', () => {
    fc.assert(
      fc.property(bytes, (file) => {
        const { resources, malformed } = parseAddonsFile(file);
        const seen = [...resources, ...malformed].map(({ line }) => line).sort((a, b) => a - b);
        expect(seen).toEqual(lines(file).flatMap((text, index) => (text === '' ? [] : [index + 1])));
      }),
    );
  });

  it('appending keeps every byte and adds one resource; dropping it gives the file back', () => {
    fc.assert(
      fc.property(bytes, (file) => {
        const added = resource('new', 'id', 'p');
        const longer = appendResource(file, added);
        expect(longer.subarray(0, file.length)).toEqual(file);
        const before = parseAddonsFile(file);
        const after = parseAddonsFile(longer);
        expect(after.malformed).toEqual(before.malformed);
        expect(after.resources.slice(0, -1)).toEqual(before.resources);
        expect(after.resources.at(-1)).toMatchObject(added);
        const newline = file.length > 0 && file.at(-1) !== 10 ? '\n' : '';
        expect(dropResource(longer, 'new', 'id')).toEqual(Buffer.concat([file, Buffer.from(newline)]));
      }),
    );
  });

  it('dropping loses no other line', () => {
    fc.assert(
      fc.property(bytes, (file) => {
        const gone = new Set(
          parseAddonsFile(file)
            .resources.filter((r) => r.addon === 'db' && r.id === '1')
            .map(({ line }) => line),
        );
        const kept = lines(file).filter((_, index) => !gone.has(index + 1));
        const dropped = dropResource(file, 'db', '1');
        // A last line that goes leaves the newline of the line before it.
        if (gone.has(lines(file).length)) kept.push('');
        expect(lines(dropped)).toEqual(kept);
      }),
    );
  });

  it('a resource is valid exactly if its line reads back', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ';', '\n', '\r', '\0', '-', 'é', '\ud800', '😀') });
    fc.assert(
      fc.property(text, text, (id, secret) => {
        const line = Buffer.from(`db;${id};${secret}\n`);
        const [read] = parseAddonsFile(line).resources;
        const same = read?.id === id && read.private === secret;
        expect(resourceProblem(resource('db', id, secret)) === undefined).toBe(same);
      }),
    );
  });
});

describe('lines that are repeated', () => {
  it('go, but for the first; whatever else stands there is kept byte for byte', () => {
    const bytes = Buffer.from('db;1;a\n\xff;\n\ndb;1;a\nredis;1;a\ndb;1;b\nredis;1;a\ndb;1;a', 'latin1');
    const left = Buffer.from('db;1;a\n\xff;\n\nredis;1;a\ndb;1;b\nredis;1;a\n', 'latin1');
    expect(dropRepeats(bytes, 'db')).toEqual(left);
    expect(dropRepeats(left, 'db')).toEqual(left);
  });
});
