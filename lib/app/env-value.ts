import { AddonsError } from '../errors.ts';

/**
 * Refuses a name or value that is none for a config var; undefined as value stands for one that is dropped.
 *
 * @throws {AddonsError} `usage` for the name, `malformed` for the value, without quoting it
 */
export function checkConfigVar(key: string, value: string | undefined): void {
  if (!/^[A-Za-z_]\w*$/.test(key)) {
    throw new AddonsError('usage', `${JSON.stringify(key.slice(0, 80))} is not a name for a config var.`, {
      hint: 'Allowed are letters, digits and "_", not starting with a digit.',
    });
  }
  const problem = value === undefined ? undefined : valueProblem(value);
  if (problem === undefined) return;
  throw new AddonsError('malformed', `The value for ${key} has ${problem}.`, {
    hint: 'Correct what the url script of the add-on prints.',
  });
}

/** Why a value cannot stand in ENV such that bash, dash and dotenv read it alike, as a noun phrase. Quotes nothing of it. */
export function valueProblem(value: string): string | undefined {
  if (Buffer.byteLength(value) > MAX_BYTES) return `more than ${MAX_BYTES} bytes`;
  return FORBIDDEN.find(([pattern]) => pattern.test(value))?.[1];
}

const MAX_BYTES = 32 * 1024;

const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/'/, 'a single quote (write %27 instead)'],
  [/\\/, 'a backslash (write %5C instead)'],
  [/\p{Cc}/u, 'a control character or line break'],
  [/[\u2028\u2029]/, 'a Unicode line break (U+2028 or U+2029)'],
  [/\ufeff/, 'a byte order mark (U+FEFF)'],
  [/\p{Surrogate}/u, 'a lone surrogate'],
];
