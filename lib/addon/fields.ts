import { AddonsError } from '../errors.ts';
import { suggestion } from '../names.ts';
import type { Key } from './descriptor-keys.ts';
import { placeOf, section, type TomlFile, wrongValue } from './toml.ts';

/** What a table of keys makes of a section. */
export type Fields<Keys extends Record<string, Key<unknown>>> = {
  [K in keyof Keys]?: Keys[K] extends Key<infer T> ? T : never;
};

/** The known keys of a section. @throws {AddonsError} `malformed` for others, and for wrong values */
export function fields<Keys extends Record<string, Key<unknown>>>(
  file: TomlFile,
  place: readonly string[],
  keys: Keys,
): Fields<Keys> {
  checkKeys(file, place, Object.keys(keys));
  const entries = Object.entries(section(file, place)).map(([key, value]) => {
    const known = keys[key];
    return [key, known === undefined ? value : checked(file, [...place, key], known, value)];
  });
  return Object.fromEntries(entries); // the keys are those of the table, each checked by its entry there
}

/** @throws {AddonsError} `malformed` with the nearest known one */
export function checkKeys(file: TomlFile, place: readonly string[], known: readonly string[]): void {
  for (const key of Object.keys(section(file, place))) {
    if (known.includes(key)) continue;
    const what = `has an unknown key in [${place.join('.')}]: ${key}.${suggestion(key, known)}`;
    throw new AddonsError('malformed', `${placeOf(file, [...place, key])} ${what}`, {
      hint: `Known are ${known.join(', ')}.`,
    });
  }
}

/** A key that cannot be left out. @throws {AddonsError} `malformed` */
export function needed<T>(file: TomlFile, place: readonly string[], key: string, value: T | undefined): T {
  if (value !== undefined) return value;
  throw new AddonsError('malformed', `${placeOf(file, place)} has no ${key} in [${place.join('.')}].`, {
    hint: `Add ${key} to [${place.join('.')}] in ${file.path}.`,
  });
}

/** @throws {AddonsError} `malformed` for another kind of value */
export function checked<T>(file: TomlFile, place: readonly string[], { is, expected }: Key<T>, value: unknown): T {
  if (is(value)) return value;
  throw wrongValue(file, place, expected);
}
