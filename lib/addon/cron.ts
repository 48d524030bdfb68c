import { AddonsError } from '../errors.ts';
import { ADDON_PATTERN, isAddonName, suggestion } from '../names.ts';
import { readSchedule, SCHEDULE, SCHEDULE_PATTERN } from './schedule.ts';
import { isTable, placeOf, type TomlFile, wrongValue } from './toml.ts';

/** One `[[cron]]` of an `addon.toml`. */
export interface CronJob {
  /** Unique in the add-on. */
  name: string;
  /** Five fields, one space apart, or a nickname such as `@daily`. */
  schedule: string;
  /** A program and its arguments; no shell reads them. */
  command: string[];
  /** Seconds that it may run. */
  timeout: number;
  /** From -20 to 19: the higher, the less of the processor it gets. */
  nice?: number;
  /** Scheduling class for disks. */
  ionice?: IoClass;
  /** While one run is under way, the next is left out. */
  lock: boolean;
}

export type IoClass = (typeof IO_CLASSES)[number];

const IO_CLASSES = ['idle', 'best-effort', 'realtime'] as const;
/** Seconds. */
const TIMEOUT = 3600;
const LONGEST = 7 * 24 * 3600;

interface CronKey {
  is: (value: unknown) => boolean;
  expected: string;
  schema: object;
  required?: true;
}

const isText = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0');
const isWhole = (least: number, most: number) => (value: unknown) =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;

const KEYS: Readonly<Record<string, CronKey>> = {
  schedule: {
    is: (value) => isText(value) && readSchedule(value) !== undefined,
    expected: SCHEDULE,
    schema: { type: 'string', pattern: SCHEDULE_PATTERN, description: 'When it runs, as in crontab(5).' },
    required: true,
  },
  command: {
    is: (value) => Array.isArray(value) && value.every(isText) && Boolean(value[0]),
    expected: 'an array of a program and its arguments, such as ["bin/backup", "--all"]',
    schema: {
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      description: 'A program and its arguments; no shell reads them.',
    },
    required: true,
  },
  name: {
    is: (value) => isText(value) && isAddonName(value),
    expected: 'letters, digits, ".", "_" and "-", starting with a letter or digit, at most 63',
    schema: { type: 'string', pattern: ADDON_PATTERN.source, description: "Default: the program's file name." },
  },
  timeout: {
    is: isWhole(1, LONGEST),
    expected: `a whole number of seconds, at most ${LONGEST}`,
    schema: { type: 'integer', minimum: 1, maximum: LONGEST, default: TIMEOUT, description: 'Seconds it may run.' },
  },
  nice: {
    is: isWhole(-20, 19),
    expected: 'a whole number from -20 to 19',
    schema: { type: 'integer', minimum: -20, maximum: 19, description: 'As for nice(1).' },
  },
  ionice: {
    is: (value) => IO_CLASSES.some((name) => name === value),
    expected: IO_CLASSES.map((name) => `"${name}"`).join(', '),
    schema: { enum: IO_CLASSES, description: 'Scheduling class for disks, as for ionice(1).' },
  },
  lock: {
    is: (value) => typeof value === 'boolean',
    expected: 'true or false',
    schema: { type: 'boolean', default: true, description: 'While one run is under way, the next is left out.' },
  },
};

/** The `[[cron]]` tables of a document. @throws {AddonsError} `malformed` naming file, line and key */
export function readCron(file: TomlFile): CronJob[] {
  const found = Object.hasOwn(file.document, 'cron') ? file.document.cron : [];
  if (!Array.isArray(found)) throw wrongValue(file, ['cron'], 'tables, each below a line "[[cron]]"');
  const jobs: CronJob[] = [];
  for (const [at, value] of found.entries()) {
    const place = ['cron', String(at)];
    const job = readJob(file, place, value);
    if (jobs.some(({ name }) => name === job.name)) throw twice(file, place, job.name);
    jobs.push(job);
  }
  return jobs;
}

function readJob(file: TomlFile, place: readonly string[], value: unknown): CronJob {
  if (!isTable(value)) throw wrongValue(file, ['cron'], 'tables, each below a line "[[cron]]"');
  for (const [key, found] of Object.entries(value)) {
    const known = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
    if (known === undefined) throw unknownKey(file, [...place, key]);
    if (!known.is(found)) throw wrong(file, [...place, key], known.expected);
  }
  for (const [key, { required, expected }] of Object.entries(KEYS))
    if (required && !Object.hasOwn(value, key)) throw missing(file, place, key, expected);
  const { schedule, command, timeout = TIMEOUT, lock = true, ...others } = value as Checked;
  const name = others.name ?? command[0]?.split('/').at(-1) ?? '';
  if (!isAddonName(name)) throw nameless(file, place);
  return { ...others, name, schedule: readSchedule(schedule) ?? '', command, timeout, lock };
}

// Each of its values has just been checked by its entry in the table of keys.
type Checked = Partial<CronJob> & Pick<CronJob, 'schedule' | 'command'> & Record<string, unknown>;

/** JSON Schema of `[[cron]]`. */
export const cronSchema = (): object => ({
  type: 'array',
  description: 'Jobs that cron runs while the add-on is enabled: [[cron]].',
  items: {
    type: 'object',
    properties: Object.fromEntries(Object.entries(KEYS).map(([name, { schema }]) => [name, schema])),
    required: Object.keys(KEYS).filter((name) => KEYS[name]?.required),
    additionalProperties: false,
  },
});

const malformed = (message: string, hint: string) => new AddonsError('malformed', message, { hint });

const wrong = (file: TomlFile, place: readonly string[], expected: string) =>
  malformed(
    `${placeOf(file, place)} has a wrong value for ${place.at(-1)} in [[cron]]: expected ${expected}.`,
    `Correct it in ${file.path}.`,
  );

function unknownKey(file: TomlFile, place: readonly string[]) {
  const key = place.at(-1) ?? '';
  const known = Object.keys(KEYS);
  return malformed(
    `${placeOf(file, place)} has an unknown key in [[cron]]: ${key}.${suggestion(key, known)}`,
    `Known are ${known.join(', ')}.`,
  );
}

const missing = (file: TomlFile, place: readonly string[], key: string, expected: string) =>
  malformed(`${placeOf(file, place)} has a [[cron]] without ${key}.`, `Give it one: ${expected}.`);

const twice = (file: TomlFile, place: readonly string[], name: string) =>
  malformed(`${placeOf(file, place)} has a second [[cron]] of the name ${name}.`, 'Give one of them another name.');

const nameless = (file: TomlFile, place: readonly string[]) =>
  malformed(
    `${placeOf(file, place)} has a [[cron]] that cannot be named after its program.`,
    'Give it a name, such as name = "backup".',
  );
