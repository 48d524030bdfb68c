import { AddonsError, fromSystem, systemCode } from '../errors.ts';
import { type Paint, visible } from './visible-text.ts';

/** An error as people read it, each line indented under a `!`; ends with a line break. */
export function errorText(error: AddonsError, color: Paint): string {
  const { failures = [], stderr } = error.details;
  return [
    `${color.red(' !     ')}${visible(error.message)}`,
    ...failures.flatMap((failure) => [`       - ${visible(failure.message)}`, ...hintOf(failure, '         ')]),
    ...hintOf(error, '       '),
    ...(stderr ? quoted(stderr) : failures.flatMap((failure) => quoted(failure.details.stderr ?? ''))),
    '',
  ].join('\n');
}

/** An error as programs read it. */
export interface ErrorDocument {
  code: string;
  message: string;
  hint?: string;
  details?: Record<string, unknown>;
}

export function errorDocument({ code, message, hint, details }: AddonsError): ErrorDocument {
  const { failures, ...plain } = details;
  const all = { ...plain, ...(failures && { failures: failures.map(errorDocument) }) };
  return { code, message, ...(hint !== undefined && { hint }), ...(Object.keys(all).length > 0 && { details: all }) };
}

/**
 * Whatever was thrown, as an error that may be shown. A mistake of our own is told by its place and not by its message:
 * messages of other libraries quote arguments and file contents, secrets included.
 *
 * @param spell says a text with its commands as they are typed
 */
export function shownError(error: unknown, debug: boolean, spell: (text: string) => string): AddonsError {
  if (error instanceof AddonsError) return spelled(error, spell);
  const path = error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : undefined;
  const system = systemCode(error) && path ? fromSystem(error, path) : undefined;
  if (system instanceof AddonsError) return system;
  const { name, stack = '' } = error instanceof Error ? error : { name: 'something that is no error' };
  const place = /^\s+at .*$/m.exec(stack)?.[0].trim();
  const what = debug ? stack || String(error) : [name, systemCode(error), place].filter(Boolean).join(' ');
  return new AddonsError('io', `Something unexpected went wrong: ${what}.`, {
    hint: debug
      ? 'Please report this; remove secrets from it first.'
      : 'Nothing that was recorded is lost. ADDONS_DEBUG=1 shows more; please report it.',
  });
}

function spelled(error: AddonsError, spell: (text: string) => string): AddonsError {
  const { code, message, hint, details, cause } = error;
  const { failures } = details;
  const said = { message: spell(message), hint: hint && spell(hint) };
  const told = failures?.map((failure) => spelled(failure, spell));
  if (said.message === message && said.hint === hint && !failures?.some((one, at) => one !== told?.[at])) return error;
  return new AddonsError(code, said.message, {
    hint: said.hint,
    cause,
    details: { ...details, ...(told && { failures: told }) },
  });
}

const hintOf = ({ hint }: AddonsError, indent: string): string[] => (hint ? [`${indent}${visible(hint)}`] : []);

const quoted = (text: string): string[] =>
  text.trim() === ''
    ? []
    : text
        .trimEnd()
        .split('\n')
        .map((line) => `       | ${visible(line)}`);
