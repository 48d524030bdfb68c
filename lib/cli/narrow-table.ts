import { type CellColor, columnWidths, GAP, table, textWidth } from './table.ts';
import { visible } from './visible-text.ts';

/** One column, and what may happen to it where not all of them fit. */
export interface Column {
  heading: string;
  /** Cells may be cut down to this many characters, the last of them `…`. */
  shortensTo?: number;
  /** May be left out. */
  spare?: boolean;
}

/**
 * A table of which no line is longer than `width`. First cells are shortened, those of the first column that may be before
 * the others; then columns are left out, the last that may be before the others; at the end lines are cut.
 */
export function narrowTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  color?: CellColor,
): string {
  const headings = columns.map(({ heading }) => heading);
  const cells = [headings, ...rows.map((row) => row.map(visible))];
  const plan = fitting(columns, columnWidths(cells), width);
  const shown = cells.map((row) =>
    plan.flatMap((most, i) => (most === undefined ? [] : [shorten(row[i] ?? '', most)])),
  );
  const [shownHeadings = [], ...shownRows] = shown;
  if (lineWidth(plan) <= width) return table(shownHeadings, shownRows, color);
  // Not even these fit: colours go, they would be cut in the middle.
  return table(shownHeadings, shownRows).replace(/.+/g, (line) => shorten(line, width));
}

/** The text, or its start and `…`. */
export function shorten(text: string, most: number): string {
  if (textWidth(text) <= most) return text;
  let kept = '';
  let width = 1;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += textWidth(segment);
    if (width > most) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** The width of each column; undefined: it is left out. */
type Plan = readonly (number | undefined)[];

/** As few columns as possible are left out, and then as little as possible is cut. */
function fitting(columns: readonly Column[], widths: readonly number[], width: number): Plan {
  const spare = columns.flatMap((column, i) => (column.spare ? [i] : []));
  const plans = [...spare, spare.length].map((_, leave) => {
    const left = new Set(leave === 0 ? [] : spare.slice(-leave));
    return shortened(
      columns,
      widths.map((one, i) => (left.has(i) ? undefined : one)),
      width,
    );
  });
  return plans.find((plan) => lineWidth(plan) <= width) ?? plans.at(-1) ?? [];
}

function shortened(columns: readonly Column[], natural: Plan, width: number): Plan {
  const plan = [...natural];
  for (const [i, { heading, shortensTo }] of columns.entries()) {
    const over = lineWidth(plan) - width;
    const now = plan[i];
    if (over > 0 && now !== undefined && shortensTo !== undefined)
      plan[i] = Math.min(now, Math.max(shortensTo, heading.length, now - over));
  }
  return plan;
}

function lineWidth(plan: Plan): number {
  const widths = plan.filter((one) => one !== undefined);
  return widths.reduce((sum, one) => sum + one, 0) + GAP.length * (widths.length - 1);
}
