import { ADDON_PATTERN, isAddonName } from '../names.ts';
import { HOOKS, type HookName, SCRIPTS, type ScriptName } from './contract.ts';

/** The format of `addon.toml`, and so of packages, that is understood. */
export const FORMAT = 1;

/** What a value may be: for the parser, for messages, and for editors. */
export interface Key<T> {
  is: (value: unknown) => value is T;
  /** In words. */
  expected: string;
  /** As JSON Schema. */
  schema: object;
}

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

export const isString = (value: unknown): value is string => typeof value === 'string';
export const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isFormat = (value: unknown): value is number => value === FORMAT;
const areTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isString);
const areVariables = (value: unknown): value is string[] =>
  areTexts(value) && value.every((name) => VARIABLE.test(name));
const areAddons = (value: unknown): value is string[] => areTexts(value) && value.every(isAddonName);
const isConfigValue = (value: unknown): value is ConfigValue =>
  isString(value) || isBoolean(value) || Number.isFinite(value);
const isSeconds = (value: unknown): value is number => typeof value === 'number' && value > 0 && value <= MOST_SECONDS;

/** A longer timer fires at once. */
export const MOST_SECONDS = 2_147_483;

export const key = <T>(is: Key<T>['is'], expected: string, schema: object): Key<T> => ({ is, expected, schema });
export const texts = (pattern?: RegExp) => ({
  type: 'array',
  items: { type: 'string', ...(pattern && { pattern: pattern.source }) },
});
export const about = (description: string, schema: object) => ({ description, ...schema });

/** `[addon]`. */
export const ADDON_KEYS = {
  description: key(isString, 'a string', about('One line, shown by addons info.', { type: 'string' })),
  version: key(isString, 'a string', about('Such as "1.0.0".', { type: 'string' })),
  format: key(isFormat, `${FORMAT}`, about('The format of this file: a newer one is refused.', { const: FORMAT })),
  idempotent: key(
    isBoolean,
    'true or false',
    about('provision may be run again with the same ADDONS_OP_ID after a crash.', { type: 'boolean' }),
  ),
  pass_env: key(
    areVariables,
    'an array of names of environment variables',
    about('More variables that scripts get from outside.', texts(VARIABLE)),
  ),
  inherits: key(
    areAddons,
    'an array of names of add-ons',
    about('Installed add-ons whose bin, lib and node_modules the scripts get, too.', texts(ADDON_PATTERN)),
  ),
};

const PATTERNS = 'an array of patterns as in .gitignore';

/** `[develop]`. */
export const DEVELOP_KEYS = {
  include: key(areTexts, PATTERNS, about('What develop --watch looks at, as in .gitignore. Default: all.', texts())),
  exclude: key(areTexts, PATTERNS, about('What develop --watch does not look at, as in .gitignore.', texts())),
};

/** A value of `[config]`. */
export type ConfigValue = string | number | boolean;

export const CONFIG_VALUE = key(isConfigValue, 'a string, a finite number, true or false', {
  type: ['string', 'number', 'boolean'],
});

/** A value of `[timeouts]`. */
export const SECONDS = key(isSeconds, `a positive number of seconds, at most ${MOST_SECONDS}`, {
  type: 'number',
  exclusiveMinimum: 0,
  maximum: MOST_SECONDS,
});

/** A whole number between two others. */
export const whole = (least: number, most: number, what: string, description: string): Key<number> =>
  key(
    (value): value is number => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most,
    `${what} from ${least} to ${most}`,
    about(description, { type: 'integer', minimum: least, maximum: most }),
  );

/** No argument of a program can hold NUL; an empty one is mostly a variable that was not there. */
const WORD = /^[^\0]+$/;

/** A program and its arguments. They reach it as they are: no shell reads them. */
export const COMMAND: Key<string[]> = key(
  (value): value is string[] =>
    Array.isArray(value) && value.length > 0 && value.every((word) => isString(word) && WORD.test(word)),
  'an array of a program and its arguments, such as ["./bin/serve", "--quiet"]',
  about('A program and its arguments, as an array. It is looked for as by the scripts: in bin, then in PATH.', {
    type: 'array',
    minItems: 1,
    items: { type: 'string', pattern: '^[^\\u0000]+$' },
  }),
);

/** What can have a time limit. */
export const TIMED: readonly (ScriptName | HookName)[] = [...SCRIPTS, ...HOOKS].map(({ name }) => name);
