import { parseArgs } from 'node:util';
import { AddonsError, systemCode } from '../errors.ts';
import { suggestion } from '../names.ts';
import { type CommandEntry, globalOptionsOf } from './command-entry.ts';
import { type Flags, GLOBAL_OPTIONS, namesOf, type OptionEntry, takesValue } from './options.ts';

/** A command line taken apart. */
export interface Parsed {
  flags: Flags;
  /** The words that are no options. */
  words: string[];
  /** Words of somebody else's command line, as they are. */
  verbatim: string[];
}

/** @throws {AddonsError} `usage`: an unknown option, or one whose value is missing */
export function parse(entry: CommandEntry, tokens: readonly string[]): Parsed {
  const known = [...entry.options, ...globalOptionsOf(entry)];
  const { own, verbatim } = splitVerbatim(entry, tokens);
  return { ...takeApart(own, known, (error) => usageError(entry, error, known)), verbatim };
}

/**
 * Where somebody else's command line begins: after a `--`, else after the app. `exec shop ls -l` and `exec shop -- ls -l` are
 * the same; `exec -- ls -l` leaves the app out.
 */
export function splitVerbatim(entry: CommandEntry, tokens: readonly string[]): { own: string[]; verbatim: string[] } {
  if (!entry.verbatim) return { own: [...tokens], verbatim: [] };
  let hasApp = false;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? '';
    if (token === '--') return { own: tokens.slice(0, at), verbatim: tokens.slice(at + 1) };
    if (!/^-./.test(token)) {
      const begin = hasApp ? at : tokens[at + 1] === '--' ? at + 2 : at + 1;
      return { own: tokens.slice(0, hasApp ? at : at + 1), verbatim: tokens.slice(begin) };
    }
    hasApp ||= token === '--app' || token.startsWith('--app=');
    if (VALUED.has(token)) at++;
  }
  return { own: [...tokens], verbatim: [] };
}

const VALUED = new Set(GLOBAL_OPTIONS.filter(takesValue).flatMap(namesOf));

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
    const {
      values,
      positionals,
      tokens: found,
    } = parseArgs({
      args: [...tokens],
      options: parserOptions(known),
      allowPositionals: true,
      tokens: true,
    });
    const once = new Set(known.filter(({ many }) => !many).map(longName));
    refuseTwice(
      found.flatMap((token) =>
        token.kind === 'option' && token.value !== undefined && once.has(token.name) ? token.name : [],
      ),
    );
    return { flags: flagsOf(values), words: positionals };
  } catch (error) {
    if (error instanceof Error && systemCode(error)?.startsWith('ERR_PARSE_ARGS')) throw refuse(error);
    throw error;
  }
}

/** The first value would be lost without a word. */
function refuseTwice(names: readonly string[]): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return;
  throw new AddonsError('usage', `--${twice} is given twice.`, { hint: 'Give it once in a command.' });
}

function parserOptions(known: readonly OptionEntry[]) {
  return Object.fromEntries(
    known.map((option) => {
      const short = namesOf(option).at(-2);
      const type = takesValue(option) ? ('string' as const) : ('boolean' as const);
      return [
        longName(option),
        { type, ...(option.many && { multiple: true }), ...(short !== undefined && { short: short.slice(1) }) },
      ];
    }),
  );
}

/** Without its dashes: the parser's key. */
const longName = (option: OptionEntry): string => namesOf(option).at(-1)?.slice(2) ?? '';

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
  if (unknown === undefined)
    return new AddonsError('usage', error.message.replaceAll('\n', ' ').replace(/\.?$/, '.'), { hint });
  const near = suggestion(unknown, known.flatMap(namesOf));
  return new AddonsError('usage', `addons ${entry.name} has no option ${unknown}.${near}`, { hint });
}
