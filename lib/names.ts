import { AddonsError } from './errors.ts';

const APP = /^[a-z0-9][a-z0-9._-]{0,62}$/;
/** Of an add-on, and of a profile. */
export const ADDON_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const PLATFORM = /^[a-z][a-z0-9_-]{0,31}$/;

export const isAppName = (name: string): boolean => APP.test(name);
export const isAddonName = (name: string): boolean => ADDON_PATTERN.test(name);
export const isProfileName = (name: string): boolean => ADDON_PATTERN.test(name);

/** @throws {AddonsError} `usage` */
export function checkAppName(name: string): string {
  if (isAppName(name)) return name;
  throw badName(
    'an app',
    name,
    'lower-case letters, digits, ".", "_" and "-", starting with a letter or digit, at most 63',
  );
}

/** @throws {AddonsError} `usage` */
export function checkAddonName(name: string): string {
  if (isAddonName(name)) return name;
  throw badName('an add-on', name, 'letters, digits, ".", "_" and "-", starting with a letter or digit, at most 63');
}

/** @throws {AddonsError} `usage` */
export function checkProfileName(name: string): string {
  if (isProfileName(name)) return name;
  throw badName('a profile', name, 'letters, digits, ".", "_" and "-", starting with a letter or digit, at most 63');
}

/** @throws {AddonsError} `usage` */
export function checkPlatformName(name: string): string {
  if (PLATFORM.test(name)) return name;
  throw badName('a platform', name, 'lower-case letters, digits, "_" and "-", starting with a letter, at most 32');
}

/** `my-db` on platform `x` → `X_MY_DB_URL`. */
export const configVarName = (platform: string, addon: string): string =>
  `${variablePrefix(platform)}_${upper(addon)}_URL`;

/** `x` → `X`: what the platform's own variables start with. */
export const variablePrefix = (platform: string): string => upper(platform);

/** ` Did you mean "db"?` for the nearest of the known names, or an empty string. */
export function suggestion(name: string, known: readonly string[]): string {
  const nearest = known
    .map((word) => ({ word, far: distance(name.toLowerCase(), word.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)[0];
  return nearest && nearest.far <= Math.max(1, Math.floor(name.length / 2)) ? ` Did you mean "${nearest.word}"?` : '';
}

const upper = (name: string) => name.toUpperCase().replace(/[^A-Z0-9]/g, '_');

const badName = (kind: string, name: string, allowed: string) =>
  new AddonsError('usage', `${JSON.stringify(name.slice(0, 80))} is not a name for ${kind}.`, {
    hint: `Allowed are ${allowed}.`,
  });

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + cost);
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
