import type { Descriptor } from '../addon/descriptor.ts';
import { AddonsError } from '../errors.ts';

/**
 * The directories of the add-ons that one inherits from, and those that they inherit from, the nearest first.
 *
 * @param read the descriptor and directory of an installed add-on, undefined where there is none
 * @throws {AddonsError} `malformed` for a circle, `addon-not-found` for one that is not installed
 */
export function inheritedRoots(
  name: string,
  { inherits }: Descriptor,
  read: (name: string) => { root: string; descriptor: Descriptor } | undefined,
): string[] {
  const roots = new Set<string>();
  const visit = (heir: string, names: readonly string[], way: readonly string[]) => {
    for (const other of names) {
      if (way.includes(other)) throw circle([...way, other]);
      const found = read(other);
      if (found === undefined) throw missing(heir, other);
      roots.add(found.root);
      visit(other, found.descriptor.inherits, [...way, other]);
    }
  };
  visit(name, inherits, [name]);
  return [...roots];
}

const circle = (way: readonly string[]) =>
  new AddonsError('malformed', `Add-ons inherit from each other in a circle: ${way.join(' → ')}.`, {
    hint: 'Take one of them out of "inherits" in an addon.toml.',
    details: { addon: way[0] ?? '' },
  });

const missing = (heir: string, name: string) =>
  new AddonsError('addon-not-found', `${heir} inherits from ${name}, which is not installed.`, {
    hint: `Install it first: addons install ${name}`,
    details: { addon: name },
  });
