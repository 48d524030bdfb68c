import { AddonsError } from '../errors.ts';
import { isAddonName } from '../names.ts';
import { about, COMMAND, key, whole } from './descriptor-keys.ts';
import { type Fields, fields, needed } from './fields.ts';
import { isTable, placeOf, section, type TomlFile } from './toml.ts';

/** A process that runs as long as its add-on is enabled. */
export interface Daemon {
  /** A program and its arguments. */
  command: string[];
  /** How many of it run, each told its number. */
  instances: number;
  /** A directory of `$ADDON_DATA`: it runs once for each directory in there that holds a file `daemon`, and is told its name. */
  each?: string;
  /** What tells it to end. */
  stopSignal: StopSignal;
  /** Seconds that it has to end by itself before it is killed. */
  stopTimeout: number;
  /** Seconds after which it is ended and started anew; 0: never. */
  maxAge: number;
  limits: Limits;
  /** Bytes of one file of its log, and how many full ones are kept. */
  logSize: number;
  logFiles: number;
}

/** What the process may not go beyond; what is not named is not limited by us. */
export type Limits = Partial<Record<keyof typeof LIMIT_KEYS, number>>;

const bytes = (least: number, description: string) =>
  whole(least, Number.MAX_SAFE_INTEGER, 'a number of bytes', description);

/** Seconds. */
const LONGEST_STOP = 3600;
const LONGEST_LIFE = 366 * 24 * 3600;

/** `[daemons.NAME.limits]`. */
export const LIMIT_KEYS = {
  memory: bytes(1, 'Bytes of address space that one process of it may have.'),
  files: whole(1, 1_048_576, 'a number', 'Files that one process of it may have open.'),
  processes: whole(1, 4_194_304, 'a number', 'Processes and threads that its user may have.'),
  cpu: whole(1, LONGEST_LIFE, 'a number of seconds', 'Seconds of processor time that one process of it may use.'),
  file_size: bytes(1, 'Bytes of a file that it may write.'),
};

const PLAIN_NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** A directory whose daemon can have its name. */
export const isPlainName = (value: unknown): value is string => typeof value === 'string' && PLAIN_NAME.test(value);

const SIGNALS = ['TERM', 'INT', 'QUIT', 'HUP', 'USR1', 'USR2'] as const;

/** What can tell a daemon to end. */
export type StopSignal = (typeof SIGNALS)[number];

const isSignal = (value: unknown): value is StopSignal => SIGNALS.some((signal) => signal === value);

/** `[daemons.NAME]`. */
export const DAEMON_KEYS = {
  command: COMMAND,
  instances: whole(1, 64, 'a number', 'How many of it run; each sees its number as ADDON_INSTANCE. Default: 1.'),
  each: key(
    isPlainName,
    'a name of small letters, digits, "_" and "-"',
    about(
      'A directory of $ADDON_DATA: it runs once for each directory in there that holds a file "daemon"; each sees its name as ADDON_INSTANCE.',
      { type: 'string', pattern: PLAIN_NAME.source },
    ),
  ),
  stop_signal: key(isSignal, SIGNALS.join(', '), about('What tells it to end. Default: TERM.', { enum: SIGNALS })),
  stop_timeout: whole(
    1,
    LONGEST_STOP,
    'a number of seconds',
    'Seconds that it has to end by itself before it is killed. Default: 30.',
  ),
  max_age: whole(
    0,
    LONGEST_LIFE,
    'a number of seconds',
    'Seconds after which it is ended and started anew, and up to a tenth more; 0, the default: never.',
  ),
  log_size: bytes(4096, 'Bytes of one file of its log, under runit. Default: 1000000.'),
  log_files: whole(1, 1000, 'a number', 'Full files of its log that are kept, under runit. Default: 5.'),
  limits: key(
    isTable,
    'a section',
    about('What it may not go beyond.', {
      type: 'object',
      properties: Object.fromEntries(Object.entries(LIMIT_KEYS).map(([name, { schema }]) => [name, schema])),
      additionalProperties: false,
    }),
  ),
};

/** @throws {AddonsError} `malformed` */
export function readDaemons(file: TomlFile): Record<string, Daemon> {
  const daemons = Object.keys(section(file, ['daemons'])).map((name) => {
    const place = ['daemons', name];
    if (!isAddonName(name)) throw badName(file, name);
    const given = fields(file, place, DAEMON_KEYS);
    if (given.each !== undefined && given.instances !== undefined) throw eitherOr(file, place);
    const limits = fields(file, [...place, 'limits'], LIMIT_KEYS);
    return [name, { ...daemonOf(given, needed(file, place, 'command', given.command)), limits }] as const;
  });
  return Object.fromEntries(daemons);
}

const daemonOf = (given: Fields<typeof DAEMON_KEYS>, command: string[]): Omit<Daemon, 'limits'> => ({
  command,
  instances: given.instances ?? 1,
  ...(given.each !== undefined && { each: given.each }),
  stopSignal: given.stop_signal ?? 'TERM',
  stopTimeout: given.stop_timeout ?? 30,
  maxAge: given.max_age ?? 0,
  logSize: given.log_size ?? 1_000_000,
  logFiles: given.log_files ?? 5,
});

const eitherOr = (file: TomlFile, place: string[]) =>
  new AddonsError('malformed', `${placeOf(file, place)} has both instances and each in [${place.join('.')}].`, {
    hint: 'Say how many there are, or of which directories there is one each.',
  });

const badName = (file: TomlFile, name: string) =>
  new AddonsError(
    'malformed',
    `${placeOf(file, ['daemons', name])} has a daemon of the name ${JSON.stringify(name)}.`,
    {
      hint: 'Allowed are letters, digits, ".", "_" and "-", starting with a letter or digit, at most 63.',
    },
  );
