/** What stands for five fields. */
const NICKNAMES = ['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually', '@reboot'];

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** The five fields in their order; a name stands for its place in the list, counted from `least`. */
const FIELDS: readonly { least: number; most: number; names?: readonly string[] }[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: MONTHS },
  { least: 0, most: 7, names: DAYS },
];

/** In words, for messages. */
export const SCHEDULE = `five fields as in crontab(5), such as "30 4 * * 1-5", or one of ${NICKNAMES.join(', ')}`;

/** As a pattern, for editors: the numbers' ranges are not in it. */
export const SCHEDULE_PATTERN = `^(@(${NICKNAMES.map((name) => name.slice(1)).join('|')})|[0-9A-Za-z*,/-]+([ \\t]+[0-9A-Za-z*,/-]+){4})$`;

/**
 * The schedule as cron reads it, its fields one space apart. Undefined for what not every cron takes: names stand alone, as
 * crontab(5) has it.
 */
export function readSchedule(text: string): string | undefined {
  if (NICKNAMES.includes(text)) return text;
  const fields = text.split(/[ \t]+/);
  const isWhole = fields.length === FIELDS.length && FIELDS.every((field, at) => isField(fields[at] ?? '', field));
  return isWhole ? fields.join(' ') : undefined;
}

type Field = (typeof FIELDS)[number];

/** `*`, a name, or a list such as `1,5-20/5`. */
const isField = (text: string, field: Field): boolean =>
  field.names?.includes(text.toLowerCase()) || text.split(',').every((part) => isPart(part, field));

/** A number, or a range or `*` with or without a step. */
function isPart(part: string, { least, most }: Field): boolean {
  const [, range, from = '', to = from, step] = /^(\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part) ?? [];
  if (range === undefined || step === '0' || step === '00') return false;
  if (range === '*') return true;
  const isInside = least <= Number(from) && Number(from) <= Number(to) && Number(to) <= most;
  return isInside && (step === undefined || range.includes('-'));
}
