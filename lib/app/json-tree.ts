import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { AddonsError } from '../errors.ts';

/** A JSON document as it stands in its file: `JSON.parse` hides a key that stands there twice, and does not tell lines. */
export interface JsonDocument {
  file: string;
  text: string;
  root: JsonNode;
}

/** `at`: where it begins in the text. */
export type JsonNode =
  | { type: 'object'; at: number; members: JsonMember[] }
  | { type: 'array'; at: number; items: JsonNode[] }
  | { type: 'string'; at: number; value: string }
  | { type: 'other'; at: number; value: number | boolean | null };

export interface JsonMember {
  key: string;
  at: number;
  value: JsonNode;
}

/** Bytes. */
export const LARGEST_JSON = 16 * 2 ** 20;

/** @throws {AddonsError} `malformed`, with the line */
export function readJson(bytes: Uint8Array, file: string): JsonDocument {
  if (bytes.length > LARGEST_JSON) {
    throw new AddonsError('malformed', `${file} is larger than 16 MiB.`, { hint: 'Is it the right file?' });
  }
  const text = decode(bytes, file);
  if (text.startsWith('\ufeff')) {
    throw new AddonsError('malformed', `${file} begins with a byte order mark, which JSON does not allow.`, {
      hint: 'Save it as UTF-8 without BOM.',
    });
  }
  return { file, text, root: parse(text, file) };
}

/** `addons.json, line 3` */
export const lineIn = (file: string, text: string, at: number): string => {
  let line = 1;
  for (let next = text.indexOf('\n'); next >= 0 && next < at; next = text.indexOf('\n', next + 1)) line++;
  return `${file}, line ${line}`;
};

const DEEPEST = 100;

/** Whether it is JSON is up to `JSON.parse`; the library tells what stands where. */
function parse(text: string, file: string): JsonNode {
  const errors: ParseError[] = [];
  const tree = treeOf(text, file, errors);
  const [error] = errors;
  if (error) throw notJson(file, text, error.offset, WRONG[printParseErrorCode(error.error)] ?? 'something is wrong');
  if (tree === undefined || !isJson(text)) throw notJson(file, text, 0, 'something is wrong');
  return nodeOf(tree, file, text);
}

function treeOf(text: string, file: string, errors: ParseError[]): Node | undefined {
  try {
    return parseTree(text, errors, { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false });
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep(file, text, 0); // the stack
    throw error;
  }
}

function nodeOf({ type, offset: at, value, children = [] }: Node, file: string, text: string, depth = 0): JsonNode {
  if (depth > DEEPEST) throw tooDeep(file, text, at);
  const below = (node: Node) => nodeOf(node, file, text, depth + 1);
  if (type === 'array') return { type, at, items: children.map(below) };
  if (type === 'string') return { type, at, value: String(value) };
  if (type !== 'object') return { type: 'other', at, value };
  const members = children.flatMap(({ offset, children: [key, found] = [] }): JsonMember[] =>
    key && found ? [{ key: String(key.value), at: offset, value: below(found) }] : [],
  );
  return { type, at, members };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const WRONG: Readonly<Record<string, string>> = {
  InvalidSymbol: 'a word that is neither a string nor a number, true, false or null',
  InvalidNumberFormat: 'a number is not written right',
  PropertyNameExpected: 'a key in double quotes is missing',
  ValueExpected: 'a value is missing',
  ColonExpected: 'a ":" is missing after the key',
  CommaExpected: 'a comma is missing',
  CloseBraceExpected: 'a "}" is missing',
  CloseBracketExpected: 'a "]" is missing',
  EndOfFileExpected: 'there is more after the end of the document',
  InvalidCommentToken: 'it has no comments',
  UnexpectedEndOfComment: 'it has no comments',
  UnexpectedEndOfString: 'a string is not closed',
  UnexpectedEndOfNumber: 'a number is not written right',
  InvalidUnicode: 'a string holds an escape that JSON does not know',
  InvalidEscapeCharacter: 'a string holds an escape that JSON does not know',
  InvalidCharacter: 'a string holds a control character',
};

const notJson = (file: string, text: string, at: number, what: string) =>
  new AddonsError('malformed', `${lineIn(file, text, at)}: this is not JSON: ${what}.`, { hint: 'Correct that line.' });

const tooDeep = (file: string, text: string, at: number) =>
  new AddonsError('malformed', `${lineIn(file, text, at)}: it is nested more than ${DEEPEST} deep.`, {
    hint: 'Is it the right file?',
  });

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array, file: string): string {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw new AddonsError('malformed', `${file} is not valid UTF-8.`, { hint: 'Save it as UTF-8.', cause });
  }
}
