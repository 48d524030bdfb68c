/** One option as help, parser, docs and completion know it. */
export interface OptionEntry {
  /** As the help shows it: `-o, --output <file>`. */
  flags: string;
  description: string;
  /** Values that completion offers, where the placeholder does not say which. */
  offers?: readonly string[];
  /** May be given again: its value is the list of what was given. */
  many?: true;
}

/** Every option's value as typed. Numbers are checked by `settings.ts`. */
export interface Flags {
  platform?: string;
  home?: string;
  json?: boolean;
  quiet?: boolean;
  trace?: boolean;
  /** False with `--no-input`. */
  input?: boolean;
  wait?: string;
  timeout?: string;
  dryRun?: boolean;
  app?: string;
  help?: boolean;
  version?: boolean;
  all?: boolean;
  force?: boolean;
  confirm?: string;
  format?: string;
  output?: string;
  env?: string;
  keepFor?: string;
  forget?: boolean;
  again?: boolean;
  /** False with `--no-keep`. */
  keep?: boolean;
  withData?: boolean;
  adopt?: string;
  retry?: boolean;
  discard?: boolean;
  health?: boolean;
  fix?: boolean;
  follow?: boolean;
  last?: string;
  addOn?: string;
  failed?: boolean;
  empty?: boolean;
  expired?: boolean;
  detailedExitcode?: boolean;
  none?: boolean;
  as?: string;
  template?: string;
  watch?: boolean;
  deps?: boolean;
  clean?: boolean;
  edit?: boolean;
  connect?: boolean;
  config?: string[];
  only?: string[];
  /** False with `--no-restart`. */
  restart?: boolean;
  start?: boolean;
  stop?: boolean;
  lines?: string;
}

/** Options that every command takes. */
export const GLOBAL_OPTIONS: readonly OptionEntry[] = [
  { flags: '--platform <name>', description: 'the platform to work on (default: x)' },
  { flags: '--home <dir>', description: 'keep apps, add-ons and configuration below one directory' },
  { flags: '--app <name>', description: 'the app, instead of as an argument' },
  { flags: '--json', description: 'print one JSON document instead of text' },
  { flags: '--quiet', description: 'print nothing but errors, warnings and what was asked for' },
  { flags: '--dry-run', description: 'show what would be done; do nothing' },
  { flags: '--no-input', description: 'never ask; refuse what needs an answer' },
  { flags: '--wait <seconds>', description: 'how long to wait for other processes (default: 30)' },
  { flags: '--timeout <seconds>', description: 'how long a script may run' },
  { flags: '--trace', description: "show the scripts' commands, secrets included" },
  { flags: '-h, --help', description: 'show help' },
  { flags: '--version', description: 'show the version' },
];

/** `-o, --output <file>` → `['-o', '--output']`. */
export const namesOf = (option: OptionEntry): string[] => option.flags.match(/(?<![\w-])--?[a-z][a-z-]*/g) ?? [];

/** Whether the next word is the option's value. */
export const takesValue = (option: OptionEntry): boolean => option.flags.includes('<');
