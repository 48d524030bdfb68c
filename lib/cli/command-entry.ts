import type { Command } from './call.ts';
import { GLOBAL_OPTIONS, namesOf, type OptionEntry } from './options.ts';

/** One operand; those of a command are filled from left to right. */
export interface Operand {
  name: string;
  optional?: boolean;
  /** Takes all words that are left. */
  many?: boolean;
  /** The flag without which it is needed although it is optional. */
  neededWithout?: 'all';
  /**
   * What completion offers for it, where its name does not say so; `directory`: of an add-on, or a shipped one's name; `source`: a
   * package, too.
   */
  offers?:
    | 'app'
    | 'addon'
    | 'file'
    | 'directory'
    | 'source'
    | 'command'
    | 'operation'
    | 'execution'
    | readonly string[];
}

/** One command. The table of these feeds parser, help, links, completion and man pages. */
export interface CommandEntry {
  name: string;
  aliases?: readonly string[];
  group: string;
  /** One line, at most 50 characters. */
  summary: string;
  operands: readonly Operand[];
  options: readonly OptionEntry[];
  examples: readonly string[];
  /** Needs no platform: works beside a broken settings file. */
  standalone?: boolean;
  /** Takes `--app` although no operand is an app. */
  app?: boolean;
  /** Says so on stderr when the app it works on was not named in the command. */
  tellsApp?: boolean;
  /** Its last operand is somebody else's command line: nothing in it is an option of ours. */
  verbatim?: boolean;
  /** The program serves the platform that it is part of: which one cannot be said. */
  hosted?: boolean;
  /** Not in help, links and completion: other programs call it. */
  hidden?: boolean;
  /** Loads the command's own module: a command pays only for what it uses. */
  load: () => Promise<Command>;
}

/** The options that the command takes beside its own. */
export const globalOptionsOf = ({ hosted }: CommandEntry): readonly OptionEntry[] =>
  hosted ? GLOBAL_OPTIONS.filter((option) => !PLACES.has(namesOf(option).at(-1) ?? '')) : GLOBAL_OPTIONS;

const PLACES: ReadonlySet<string> = new Set(['--platform', '--home']);

/** `<app> <addon>...`: the operands as the help shows them. */
export const operandUsage = (entry: CommandEntry): string =>
  entry.operands
    .map(({ name, optional, many }) => {
      const word = many ? `${name}...` : name;
      return optional ? `[${word}]` : `<${word}>`;
    })
    .join(' ');
