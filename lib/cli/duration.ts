import { AddonsError } from '../errors.ts';

/** Seconds of `30s`, `30m`, `12h`, `7d`, `2w`. @throws {AddonsError} `usage` */
export function durationOf(option: string, text: string): number {
  const [, count, unit = ''] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? Number.NaN);
  if (seconds > 0 && seconds <= LONGEST) return seconds;
  throw new AddonsError('usage', `${option} ${JSON.stringify(text.slice(0, 40))} is not a time.`, {
    hint: `Give a number and a unit of s, m, h, d or w, at most 520w: ${option} 7d.`,
  });
}

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const LONGEST = 520 * 604_800;
