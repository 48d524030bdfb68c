import { basename } from 'node:path';
import { GLOBAL_OPTIONS, namesOf, takesValue } from './options.ts';

/** An argv taken apart: the word that names what to do, and all others in their order. */
export interface Dispatch {
  /** Undefined for a bare `addons`, with or without options. */
  word: string | undefined;
  rest: string[];
  /** How many of `rest` stand before the word: the others may be somebody else's. */
  before: number;
}

/**
 * `addons add …`, `addons addons:add …` and a link named `addons:add` mean the same.
 *
 * @param argv as `process.argv`: node, the file invoked, its arguments
 */
export function dispatch(argv: readonly string[]): Dispatch {
  const tokens = argv.slice(2);
  const invoked = colonVerb(basename(argv[1] ?? ''));
  if (invoked !== undefined) return { word: invoked, rest: tokens, before: 0 };
  const at = wordIndex(tokens);
  const word = tokens[at];
  if (word === undefined) return { word, rest: tokens, before: tokens.length };
  return { word: colonVerb(word) ?? word, rest: tokens.toSpliced(at, 1), before: at };
}

const colonVerb = (name: string): string | undefined => /^addons:(.+)$/.exec(name)?.[1];

/** Options may stand before the verb (`addons --home demo list`): their values are no verbs. */
function wordIndex(tokens: readonly string[]): number {
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] ?? '';
    if (token === '--') return tokens.length;
    if (!token.startsWith('-')) return i;
    if (VALUED.has(token)) i++;
  }
  return tokens.length;
}

const VALUED = new Set(GLOBAL_OPTIONS.filter(takesValue).flatMap(namesOf));
