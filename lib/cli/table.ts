import stringWidth from 'string-width';
import { visible } from './visible-text.ts';

/** Columns aligned on the left, two spaces apart, a heading above; no trailing spaces; ends with a line break. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[], color?: CellColor): string {
  const cells = [headings, ...rows.map((row) => row.map(visible))];
  const widths = columnWidths(cells);
  const line = (row: readonly string[], at: number) =>
    widths
      .map((width, i) => {
        const text = row[i] ?? '';
        const padding = i === widths.length - 1 ? '' : ' '.repeat(width - textWidth(text));
        return (at > 0 && color ? color(text, headings[i] ?? '') : text) + padding;
      })
      .join(GAP)
      .trimEnd();
  return cells.map((row, at) => `${line(row, at)}\n`).join('');
}

/** Colours a cell of the column with that heading. It may not change what is seen. */
export type CellColor = (text: string, heading: string) => string;

export const GAP = '  ';

/** The widest cell of each column. The first row may not be shorter than the others. */
export const columnWidths = (rows: readonly (readonly string[])[]): number[] =>
  (rows[0] ?? []).map((_, i) => rows.reduce((width, row) => Math.max(width, textWidth(row[i] ?? '')), 0));

/** Columns that a terminal needs for it. */
export const textWidth = (text: string): number =>
  PLAIN.test(text) ? text.length : stringWidth(text, { countAnsiEscapeCodes: true });

/** Nearly all of it. */
const PLAIN = /^[ -~]*$/;
