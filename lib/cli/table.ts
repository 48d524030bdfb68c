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
export function textWidth(text: string): number {
  if (NARROW.test(text)) return text.length; // nearly all of it
  return [...text].reduce((width, character) => width + (MARK.test(character) ? 0 : WIDE.test(character) ? 2 : 1), 0);
}

const NARROW = /^[ -~]*$/;
const MARK = /\p{Mn}|\p{Me}|\p{Cf}/u;
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;

/** `1 app`, `2 apps`, `1,000 apps`. */
export const plural = (count: number, noun: string): string => `${thousands(count)} ${noun}${count === 1 ? '' : 's'}`;

/** `2,998`. */
export const thousands = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** `a`, `a and b`, `a, b and c`. */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
