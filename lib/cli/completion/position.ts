import type { CommandEntry, Operand } from '../command-entry.ts';
import { findCommand } from '../commands.ts';
import { GLOBAL_OPTIONS, namesOf, type OptionEntry, takesValue } from '../options.ts';

/** Where in a command line somebody asks what may come next. */
export type Position =
  /** The first word. */
  | { at: 'verb' }
  | { at: 'option'; options: readonly OptionEntry[] }
  /** `prefix` is what stands before the value in the same word: `--format=`. */
  | { at: 'value'; option: OptionEntry; prefix: string; line: Line }
  | { at: 'operand'; line: Line }
  /** Somebody else's command line; its first word names a program. */
  | { at: 'command'; first: boolean }
  | { at: 'nothing' };

/** What stands before the word in question. */
export interface Line {
  entry: CommandEntry;
  words: string[];
  /** `--app`. */
  app: string | undefined;
}

/** @param words all that stand behind `addons`, the last is being typed and may be empty */
export function positionOf(words: readonly string[]): Position {
  const before = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  const seen = readLine(before);
  const { entry, awaiting, ended } = seen;
  const known = [...(entry?.options ?? []), ...GLOBAL_OPTIONS];
  if (entry?.verbatim && seen.verbatim !== undefined) return { at: 'command', first: seen.verbatim === 0 };
  const line = entry && { entry, words: seen.words, app: seen.app };
  if (awaiting) return line ? { at: 'value', option: awaiting, prefix: '', line } : { at: 'nothing' };
  if (current.startsWith('-') && !ended) {
    const [name = '', value] = current.split(/=(.*)/s);
    const option = known.find((one) => namesOf(one).includes(name));
    if (value === undefined) return { at: 'option', options: known.filter((one) => !seen.options.has(one)) };
    return option && line ? { at: 'value', option, prefix: `${name}=`, line } : { at: 'nothing' };
  }
  if (entry?.verbatim && seen.app !== undefined) return { at: 'command', first: true };
  return line ? { at: 'operand', line } : ended || seen.unknown ? { at: 'nothing' } : { at: 'verb' };
}

/** The operand that the next word is, `given` words being there already. */
export function operandAt({ operands }: CommandEntry, given: number): Operand | undefined {
  const last = operands.at(-1);
  return operands[given] ?? (last?.many ? last : undefined);
}

interface Seen {
  entry: CommandEntry | undefined;
  /** The first word is no command of ours. */
  unknown: boolean;
  words: string[];
  options: Set<OptionEntry>;
  app: string | undefined;
  /** The option whose value comes next. */
  awaiting: OptionEntry | undefined;
  /** A `--` was there. */
  ended: boolean;
  /** How many words of somebody else's command line are there; undefined: it has not begun. */
  verbatim: number | undefined;
}

function readLine(before: readonly string[]): Seen {
  const seen: Seen = {
    entry: undefined,
    unknown: false,
    words: [],
    options: new Set(),
    app: undefined,
    awaiting: undefined,
    ended: false,
    verbatim: undefined,
  };
  for (const word of before) take(seen, word);
  return seen;
}

function take(seen: Seen, word: string): void {
  if (seen.verbatim === 0 && word === '--' && !seen.ended) seen.ended = true;
  else if (seen.verbatim !== undefined) seen.verbatim++;
  else if (seen.awaiting) {
    if (namesOf(seen.awaiting).includes('--app')) seen.app = word;
    seen.awaiting = undefined;
  } else if (word === '--' && !seen.ended) {
    seen.ended = true;
    if (seen.entry?.verbatim) seen.verbatim = 0;
  } else if (word.startsWith('-') && !seen.ended) takeOption(seen, word);
  else if (!seen.entry && !seen.unknown) {
    seen.entry = findCommand(word);
    seen.unknown = seen.entry === undefined;
  } else {
    seen.words.push(word);
    if (seen.entry?.verbatim) seen.verbatim = seen.app === undefined ? 0 : 1;
  }
}

function takeOption(seen: Seen, word: string): void {
  const [name = '', value] = word.split(/=(.*)/s);
  const option = [...(seen.entry?.options ?? []), ...GLOBAL_OPTIONS].find((one) => namesOf(one).includes(name));
  if (!option) return;
  seen.options.add(option);
  if (value === undefined && takesValue(option)) seen.awaiting = option;
  if (name === '--app') seen.app = value;
}
