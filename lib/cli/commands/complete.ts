import type { Call, Command } from '../call.ts';
import { type Candidates, candidatesFor, type Source } from '../completion/candidates.ts';
import { positionOf } from '../completion/position.ts';
import { placeFlags } from '../parse.ts';
import { visible } from '../visible-text.ts';

/**
 * `addons complete -- <words>...`: a line for each word that may come next, its description behind a tab; a line `:files` and
 * its like hands over to the shell. Whatever is wrong is told by the command itself, once it is typed: here it is silence.
 */
export const complete: Command = async (call) => {
  const candidates = await quietly(call, call.many('word'));
  await call.print(candidateLines(candidates));
  return { result: candidates };
};

async function quietly(call: Call, words: readonly string[]): Promise<Candidates> {
  let source: Promise<Source> | undefined;
  const once = () => {
    source ??= sourceOf(call, words.slice(0, -1));
    return source;
  };
  try {
    return await candidatesFor(positionOf(words), once);
  } catch {
    return { words: [] };
  }
}

async function sourceOf({ elsewhere, io }: Call, words: readonly string[]): Promise<Source> {
  const { addons, used } = await elsewhere(placeFlags(words));
  return { addons, used: used?.app, path: io.env.PATH };
}

const candidateLines = ({ words, also }: Candidates): string =>
  [
    ...words.map(({ word, description }) => `${word}\t${visible(description)}\n`),
    ...(also === undefined ? [] : [`:${also}\n`]),
  ].join('');
