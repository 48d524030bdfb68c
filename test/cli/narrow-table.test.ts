import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Column, narrowTable, shorten } from '../../lib/cli/narrow-table.ts';
import { textWidth } from '../../lib/cli/table.ts';
import { timeAgo } from '../../lib/cli/time-ago.ts';
import { thousands } from '../../lib/cli/wording.ts';

const COLUMNS: Column[] = [
  { heading: 'APP' },
  { heading: 'ID', shortensTo: 4, spare: true },
  { heading: 'STATE' },
  { heading: 'VARIABLES', shortensTo: 9, spare: true },
];
const ROWS = [
  ['shop', 'shop-1234567', 'ok', 'X_DB_URL, DATABASE_URL'],
  ['blog', '-', 'drift', 'X_DB_URL'],
];
const at = (width: number) => narrowTable(COLUMNS, ROWS, width);

describe('a table at a terminal', () => {
  it.each([
    [
      Number.POSITIVE_INFINITY,
      `APP   ID            STATE  VARIABLES
shop  shop-1234567  ok     X_DB_URL, DATABASE_URL
blog  -             drift  X_DB_URL
`,
    ],
    [
      44, // the id is shortened first
      `APP   ID       STATE  VARIABLES
shop  shop-1…  ok     X_DB_URL, DATABASE_URL
blog  -        drift  X_DB_URL
`,
    ],
    [
      31, // then the variables
      `APP   ID    STATE  VARIABLES
shop  sho…  ok     X_DB_URL, D…
blog  -     drift  X_DB_URL
`,
    ],
    [
      26, // then these are left out, and the id has room again
      `APP   ID            STATE
shop  shop-1234567  ok
blog  -             drift
`,
    ],
    [
      12, // then the id
      `APP   STATE
shop  ok
blog  drift
`,
    ],
    [
      8, // then lines are cut
      `APP   S…
shop  ok
blog  d…
`,
    ],
  ])('%s wide', (width, text) => expect(at(width)).toBe(text));

  it('has no line that is longer, whatever is in it', () => {
    const cell = fc.oneof(
      fc.string(),
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('漢字漢字', '🚀🚀', 'e\u0301', '\u001b[2J'),
    );
    const rows = fc.array(fc.array(cell, { minLength: 4, maxLength: 4 }), { maxLength: 5 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 2, max: 90 }), (rows, width) => {
        const lines = narrowTable(COLUMNS, rows, width).split('\n').slice(0, -1);
        expect(lines.length).toBe(rows.length + 1);
        for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('colours cells, which takes no room', () => {
    const color = (text: string, heading: string) => (heading === 'STATE' ? `<${text}>` : text);
    expect(narrowTable(COLUMNS, ROWS, 44, color).split('\n').slice(1, 3)).toEqual([
      'shop  shop-1…  <ok>     X_DB_URL, DATABASE_URL',
      'blog  -        <drift>  X_DB_URL',
    ]);
  });

  it('cannot be steered by what is in it', () => {
    expect(narrowTable([{ heading: 'APP' }], [['\u001b[2Jx']], 80)).toBe('APP\n\\x1b[2Jx\n');
  });
});

it.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['漢字漢', 4, '漢…'],
])('%j in %i columns is %j', (text, most, short) => expect(shorten(text, most)).toBe(short));

it.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [1_234_567, '1,234,567'],
])('%i reads %s', (count, text) => expect(thousands(count)).toBe(text));

it.each([
  [-5, '0 s ago'],
  [59, '59 s ago'],
  [60, '1 min ago'],
  [3 * 60 + 59, '3 min ago'],
  [3600, '1 h ago'],
  [47 * 3600, '1 d ago'],
  [400 * 86_400, '400 d ago'],
])('%i seconds are "%s"', (seconds, text) => {
  expect(timeAgo(new Date(1_000_000_000_000), 1_000_000_000_000 + seconds * 1000)).toBe(text);
});
