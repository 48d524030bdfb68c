import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { durationOf } from '../../lib/cli/duration.ts';

const seconds = (text: string) => durationOf('--keep-for', text);

test.each([
  ['1s', 1],
  ['90s', 90],
  ['30m', 1800],
  ['12h', 43_200],
  ['7d', 604_800],
  ['2w', 1_209_600],
  ['007d', 604_800],
  ['520w', 314_496_000],
])('%s is %i seconds', (text, expected) => {
  expect(seconds(text)).toBe(expected);
});

describe('is refused, with what to type instead', () => {
  test.each([
    '',
    '7',
    'd',
    '0d',
    '-1d',
    '1.5h',
    '7 d',
    '7D',
    '7days',
    '1h30m',
    '521w',
    '999999999w',
    ' 7d',
    '7d\n',
    '٧d',
  ])('%j', (text) => {
    expect(() => seconds(text)).toThrow(
      expect.objectContaining({ code: 'usage', hint: expect.stringContaining('--keep-for 7d') }),
    );
  });

  test('an endless one, which is not repeated in full', () => {
    expect(() => seconds('9'.repeat(10_000))).toThrow(/^--keep-for "9{40}" is not a time\.$/);
  });
});

test('any number with a unit is that many of it, or too long', () => {
  const units = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 999_999_999 }),
      fc.constantFrom(...Object.entries(units)),
      (count, [unit, one]) => {
        const text = `${count}${unit}`;
        if (count * one <= 520 * units.w) expect(seconds(text)).toBe(count * one);
        else expect(() => seconds(text)).toThrow();
      },
    ),
  );
});

test('any other text is refused and never thrown at by something else', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      if (/^\d{1,9}[smhdw]$/.test(text)) return;
      expect(() => seconds(text)).toThrow(expect.objectContaining({ code: 'usage' }));
    }),
  );
});
