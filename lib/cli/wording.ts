/** `: the next release sets X_DB_URL`, or nothing where that is under way. */
export const nextRelease = ({ releases }: { releases?: boolean }, variables: readonly string[]): string =>
  releases ? '' : `: the next release sets ${listed(variables)}`;

/** `1 app`, `2 apps`, `1,000 apps`. */
export const plural = (count: number, noun: string): string => `${thousands(count)} ${noun}${count === 1 ? '' : 's'}`;

/** `2,998`. */
export const thousands = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** `a`, `a and b`, `a, b and c`. */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
