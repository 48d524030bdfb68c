import { visible } from './visible-text.ts';

/** Columns aligned on the left, two spaces apart, a heading above; no trailing spaces; ends with a line break. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [headings, ...rows.map((row) => row.map(visible))];
  const widths = headings.map((_, i) => cells.reduce((width, row) => Math.max(width, length(row[i] ?? '')), 0));
  const line = (row: readonly string[]) =>
    widths.map((width, i) => (row[i] ?? '') + ' '.repeat(width - length(row[i] ?? ''))).join('  ');
  return cells.map((row) => `${line(row).trimEnd()}\n`).join('');
}

/** `1 app`, `2 apps`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `a`, `a and b`, `a, b and c`. */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

const length = (text: string): number => [...text].length;
