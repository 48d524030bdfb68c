import { type AddonsEnvFile, namesFor } from '../app/addons-env-file.ts';
import type { AddonsFile } from '../app/addons-file.ts';
import { AddonsError } from '../errors.ts';

/** Which variables each add-on of the app gives, as ADDONS and ADDONS.env say. */
export interface Variables {
  /** add-on → names, the standard one first; in the order of the lines. */
  given: Map<string, string[]>;
  /** add-on → why its line cannot be released: a name of it is another's, too. */
  clashes: Map<string, AddonsError>;
}

/** Standard variables come first: an extra name never takes one away, wherever its line stands. */
export function variablesOf(
  { resources }: AddonsFile,
  names: AddonsEnvFile,
  app: string,
  configVar: (addon: string) => string,
): Variables {
  const addons = [...new Set(resources.map(({ addon }) => addon))];
  const owners = new Map<string, string>();
  const clashes = new Map<string, AddonsError>();
  const claim = (addon: string, name: string, hint?: string) => {
    const owner = owners.get(name) ?? addon;
    owners.set(name, owner);
    if (owner === addon) return;
    const message = `Another add-on of this app sets ${name} already.`;
    clashes.set(addon, new AddonsError('conflict', message, { hint, details: { addon } }));
  };
  for (const addon of addons) claim(addon, configVar(addon));
  for (const addon of addons) {
    for (const name of namesFor(names, addon)) claim(addon, name, `addons remove ${app} ${addon} --env ${name}`);
  }
  const given = new Map(addons.map((addon) => [addon, [...new Set([configVar(addon), ...namesFor(names, addon)])]]));
  return { given, clashes };
}

/** Of all lines, sorted. */
export const allVariables = ({ given }: Variables): string[] => [...new Set([...given.values()].flat())].sort();
