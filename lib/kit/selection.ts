import { AddonsError } from '../errors.ts';
import { suggestion } from '../names.ts';
import { CHECK_NAMES, CHECKS, type CheckRow } from './contract.ts';

/**
 * The rows that are to be done: those that were asked for and all that they need, in their order.
 *
 * @throws {AddonsError} `usage` for a check that is not there
 */
export function selectChecks(only: readonly string[] | undefined): CheckRow[] {
  for (const name of only ?? []) if (!CHECK_NAMES.includes(name)) throw unknownCheck(name);
  if (only === undefined || only.length === 0) return [...CHECKS];
  const wanted = new Set(only);
  // What a check needs stands before it.
  for (const row of [...ROWS].reverse())
    if (wanted.has(row.name)) for (const name of [...(row.needs ?? []), ...(row.unless ?? [])]) wanted.add(name);
  return ROWS.filter(({ name }) => wanted.has(name));
}

const ROWS: readonly CheckRow[] = CHECKS;

const unknownCheck = (name: string): AddonsError =>
  new AddonsError('usage', `There is no check ${JSON.stringify(name.slice(0, 80))}.${suggestion(name, CHECK_NAMES)}`, {
    hint: `There are ${CHECK_NAMES.join(', ')}.`,
  });
