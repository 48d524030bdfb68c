import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { executionOf, OUTPUT_LIMIT, type ScriptRecord } from '../../lib/processors/execution.ts';

const record = (more: Partial<Omit<ScriptRecord, 'out' | 'err'>> & { out?: string; err?: string } = {}) =>
  executionOf({
    id: 'op1-1',
    addon: 'db',
    action: 'enable',
    started: 0,
    finished: 1500,
    status: 0,
    secrets: () => [],
    ...more,
    out: Buffer.from(more.out ?? ''),
    err: Buffer.from(more.err ?? ''),
  });

test('an execution says what was run, when, and how it ended', () => {
  expect(record({ app: 'shop', operation: 'op1', out: 'one\n', err: 'two\n' })).toEqual({
    id: 'op1-1',
    addon: 'db',
    app: 'shop',
    action: 'enable',
    operation: 'op1',
    started: '1970-01-01T00:00:00.000Z',
    finished: '1970-01-01T00:00:01.500Z',
    exit: 0,
    signal: null,
    output: 'one\ntwo\n',
  });
});

test.each([
  [0, { exit: 0, signal: null }],
  [7, { exit: 7, signal: null }],
  [255, { exit: 255, signal: null }],
  [137, { exit: null, signal: 'SIGKILL' }],
  [143, { exit: null, signal: 'SIGTERM' }],
  [null, { exit: null, signal: null }],
])('status %s of a shell is %j', (status, end) => {
  expect(record({ status })).toMatchObject(end);
});

describe('what it wrote', () => {
  test('is stdout before stderr, each on lines of its own', () => {
    expect(record({ out: 'out', err: 'err' }).output).toBe('out\nerr');
    expect(record({ out: '', err: 'err' }).output).toBe('err');
  });

  test('of provision is the id, and of rotate nothing', () => {
    expect(record({ action: 'provision', out: 'shop-1;hunter2\n' }).output).toBe('shop-1;[redacted]\n');
    expect(record({ action: 'provision', out: 'shop-1;\n' }).output).toBe('shop-1;\n');
    expect(record({ action: 'rotate', out: 'hunter2\n' }).output).toBe('[redacted]\n');
  });

  test.each([
    ['provision', 'hunter2'],
    ['provision', 'shop-1;hunter2;more\n'],
    ['url', 'hunter2\nx://h\n'],
    ['url', "x://h/'hunter2'"],
  ])('of a %s that breaks the contract is not shown: %j', (action, out) => {
    expect(record({ action, out }).output).toBe(`[${out.length} bytes that are not as the contract asks]\n`);
  });

  test('has no private and no password of a URL in it', () => {
    const secrets = () => ['s3cr%t'];
    expect(
      record({ action: 'url', out: 'x://me:hunter2@h/s3cr%25t\n', err: 's3cr%t x://a:b@c\n', secrets }).output,
    ).toBe('x://me:[redacted]@h/[redacted]\n[redacted] x://a:[redacted]@c\n');
  });

  test('is its end where it is long, from the beginning of a line on, and redacted before it is cut', () => {
    const secret = 'hunter2hunter2';
    const lines = Array.from({ length: 9000 }, (_, i) => `${i} ${secret}\n`).join('');
    const { output } = record({ err: lines, secrets: () => [secret] });
    expect(output.length).toBeLessThanOrEqual(OUTPUT_LIMIT + 10);
    expect(output).toMatch(/^\[…\]\n\d+ \[redacted\]\n/);
    expect(output).toMatch(/\n8999 \[redacted\]\n$/);
    expect(output).not.toContain('hunter');
  });

  test('never holds a secret, wherever it stands', () => {
    const text = fc.string({ maxLength: 200 });
    fc.assert(
      fc.property(text, text, fc.constantFrom('enable', 'url', 'dump', 'provision'), (a, b, action) => {
        const { output } = record({
          action,
          out: `${a}hunter2${b}`,
          err: `${b}hunter2${a}`,
          secrets: () => ['hunter2'],
        });
        expect(output).not.toContain('hunter2');
      }),
    );
  });

  test('asks for no secret where nothing was written', () => {
    const secrets = () => {
      throw new Error('asked');
    };
    expect(record({ secrets }).output).toBe('');
  });
});
