import { parse } from 'dotenv';
import { AddonsError } from '../errors.ts';
import { checkConfigVar } from './env-value.ts';

/**
 * The app's ENV with these config vars set to their value, or dropped where it is undefined.
 * Every line of others is kept byte for byte; without a change the same bytes come back.
 *
 * @throws {AddonsError} `malformed` if a value cannot stand in ENV, or the result would not read back
 * @example editEnv(bytes, new Map([['X_DB_URL', 'sqlite:///db'], ['X_OLD_URL', undefined]]))
 */
export function editEnv(bytes: Buffer, changes: ReadonlyMap<string, string | undefined>): Buffer {
  for (const [key, value] of changes) checkConfigVar(key, value);
  const old = bytes.toString('latin1');
  const text = edit(old, changes);
  const edited = text === old ? bytes : Buffer.from(text, 'latin1');
  checkReadsBack(readEnv(bytes), readEnv(edited), changes);
  return edited;
}

/** What ENV says, as dotenv reads it. Values are secret. */
export const readEnv = (bytes: Buffer): Map<string, string> => new Map(Object.entries(parse(bytes.toString())));

function edit(old: string, changes: ReadonlyMap<string, string | undefined>): string {
  const written = new Set<string>();
  let text = '';
  let at = 0;
  for (const { key, start, end, next } of entriesOf(old)) {
    if (!changes.has(key)) continue;
    text += old.slice(at, start);
    const value = written.has(key) ? undefined : changes.get(key);
    const ownLine = start === 0 || old[start - 1] === '\n';
    if (value === undefined) {
      at = ownLine ? next : end;
    } else {
      text += `${ownLine ? '' : '\n'}${assignment(key, value)}${end === old.length ? '' : '\n'}`;
      at = next;
      written.add(key);
    }
  }
  text += old.slice(at);
  for (const [key, value] of changes) {
    if (value === undefined || written.has(key)) continue;
    text += `${text === '' || text.endsWith('\n') ? '' : '\n'}${assignment(key, value)}\n`;
  }
  return text;
}

// ENV is edited with one character a byte, so that invalid UTF-8 in lines of others survives.
const assignment = (key: string, value: string) => Buffer.from(`export ${key}='${value}'`).toString('latin1');

interface Entry {
  key: string;
  /** Where its line starts, indentation included. */
  start: number;
  /** Where its last line ends, before the line break. */
  end: number;
  /** Where the next line starts. */
  next: number;
}

function* entriesOf(text: string): Generator<Entry> {
  for (const { groups, indices } of text.matchAll(ASSIGNMENT)) {
    const at = indices?.groups;
    const key = groups?.key;
    const [keyStart] = at?.key ?? [];
    const [, valueEnd] = at?.value ?? at?.equals ?? [];
    if (key === undefined || keyStart === undefined || valueEnd === undefined) continue;
    // dotenv lets `export` stand on a line before the key's; that line is not ours.
    const sameLine = /[\r\n]/.test(groups?.export ?? '') ? undefined : at?.export?.[0];
    let start = sameLine ?? keyStart;
    while (text[start - 1] === ' ' || text[start - 1] === '\t') start--;
    const end = valueEnd + text.slice(valueEnd).search(LINE_END);
    // A lone CR ends a line for dotenv only; ours end with a newline for shells as well.
    const next = end + (/^(\r\n?|\n)/.exec(text.slice(end, end + 2))?.[0].length ?? 0);
    yield { key, start, end, next };
  }
}

// dotenv's own pattern, for UTF-8 read one character a byte: what it takes for white space and line ends
// (\s, ^, $ and . of JavaScript) is several bytes long outside of ASCII.
const BREAK = String.raw`\xe2\x80[\xa8\xa9]`;
const S = String.raw`(?:[\t-\r ]|\xc2\xa0|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80|\xef\xbb\xbf)`;
const LINE_END = new RegExp(`[\\r\\n]|${BREAK}|$`);
const QUOTED = ["'", '"', '`'].map((quote) => String.raw`${S}*${quote}(?:\\${quote}|[^${quote}])*${quote}`).join('|');
const ASSIGNMENT = new RegExp(
  [
    String.raw`(?:^|(?<=${BREAK}))${S}*(?<export>export${S}+)?(?<key>[\w.-]+)`,
    String.raw`(?<equals>${S}*=${S}*?|:${S}+?)(?<value>${QUOTED}|[^#\r\n]+)?`,
    `${S}*(?:#(?:(?!${BREAK}).)*)?(?:$|(?=${BREAK}))`,
  ].join(''),
  'dgm',
);

/** A quote that an earlier line leaves open can swallow what is written after it. */
function checkReadsBack(
  before: Map<string, string>,
  after: Map<string, string>,
  changes: ReadonlyMap<string, string | undefined>,
) {
  for (const key of new Set([...changes.keys(), ...before.keys(), ...after.keys()])) {
    const expected = changes.has(key) ? changes.get(key) : before.get(key);
    if (after.get(key) === expected) continue;
    throw new AddonsError('malformed', `ENV is left as it was: with the change, ${key} would not read back right.`, {
      hint: 'Look in ENV for a quote that is not closed, close it and run the command again.',
    });
  }
}
