import { parseArgs } from 'node:util';
import { AddonsError, systemCode } from '../errors.ts';
import { suggestion } from '../names.ts';
import { type CommandEntry, operandUsage } from './commands.ts';
import { type Flags, GLOBAL_OPTIONS, namesOf, type OptionEntry, takesValue } from './options.ts';

/** A command line taken apart. */
export interface Parsed {
  flags: Flags;
  /** Words for each operand of the command, by name. */
  operands: Map<string, string[]>;
}

/** @throws {AddonsError} `usage`: an unknown option, a missing or an excess word; nothing is missed beside `--help` */
export function parse(entry: CommandEntry, tokens: readonly string[]): Parsed {
  const known = [...entry.options, ...GLOBAL_OPTIONS];
  const { flags, words } = takeApart(tokens, known, (error) => usageError(entry, error, known));
  return { flags, operands: flags.help || flags.version ? new Map() : distribute(entry, words, flags) };
}

/** Only the global options, of words whose command is not known yet. */
export function placeFlags(tokens: readonly string[]): Flags {
  const options = parserOptions(GLOBAL_OPTIONS);
  const { values } = parseArgs({ args: [...tokens], options, strict: false });
  // Not strict, it makes true of an option whose value is missing; the command's own parser will say so.
  return flagsOf(
    Object.fromEntries(Object.entries(values).filter(([name, value]) => typeof value === options[name]?.type)),
  );
}

/** `-h` and `--help` are one option, whose long name is its key; `--no-input` says `input: false`. */
function takeApart(tokens: readonly string[], known: readonly OptionEntry[], refuse: (error: Error) => AddonsError) {
  try {
    const { values, positionals } = parseArgs({
      args: [...tokens],
      options: parserOptions(known),
      allowPositionals: true,
    });
    return { flags: flagsOf(values), words: positionals };
  } catch (error) {
    if (error instanceof Error && systemCode(error)?.startsWith('ERR_PARSE_ARGS')) throw refuse(error);
    throw error;
  }
}

function parserOptions(known: readonly OptionEntry[]) {
  return Object.fromEntries(
    known.map((option) => {
      const [long = '', short] = namesOf(option).reverse();
      const type = takesValue(option) ? ('string' as const) : ('boolean' as const);
      return [long.slice(2), { type, ...(short !== undefined && { short: short.slice(1) }) }];
    }),
  );
}

function flagsOf(values: Record<string, unknown>): Flags {
  const entries = Object.entries(values).map(([name, value]) =>
    name.startsWith('no-')
      ? [name.slice(3), !value]
      : [name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase()), value],
  );
  return Object.fromEntries(entries); // its names and types are those of the option table
}

function usageError(entry: CommandEntry, error: Error, known: readonly OptionEntry[]): AddonsError {
  const hint = `See: addons help ${entry.name}`;
  const unknown = /^Unknown option '(.*?)'/s.exec(error.message)?.[1];
  if (unknown === undefined) return new AddonsError('usage', error.message.replace(/\.?$/, '.'), { hint });
  const near = suggestion(unknown, known.flatMap(namesOf));
  return new AddonsError('usage', `addons ${entry.name} has no option ${unknown}.${near}`, { hint });
}

function distribute(entry: CommandEntry, words: readonly string[], { app }: Flags): Map<string, string[]> {
  const operands = new Map<string, string[]>();
  const left = [...words];
  if (app !== undefined && !entry.operands.some(({ name }) => name === 'app')) {
    throw new AddonsError('usage', `addons ${entry.name} takes no app.`, { hint: 'Leave out --app.' });
  }
  for (const { name, many, optional } of entry.operands) {
    const taken = name === 'app' && app !== undefined ? [app] : left.splice(0, many ? left.length : 1);
    if (taken.length === 0 && !optional) throw missing(entry, name);
    operands.set(name, taken);
  }
  if (left.length > 0) {
    throw new AddonsError('usage', `addons ${entry.name} does not know what to do with "${left.join(' ')}".`, {
      hint: usageLine(entry),
    });
  }
  return operands;
}

const missing = (entry: CommandEntry, name: string): AddonsError =>
  new AddonsError('usage', `addons ${entry.name} needs ${/^[aeiou]/.test(name) ? 'an' : 'a'} <${name}>.`, {
    hint: usageLine(entry),
  });

const usageLine = (entry: CommandEntry): string => `Usage: addons ${entry.name} ${operandUsage(entry)}`.trimEnd();
