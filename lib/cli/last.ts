import { AddonsError } from '../errors.ts';
import type { Flags } from './options.ts';

/** How many of the newest ones `--last` asks for, 50 where it does not; 0: all. @throws {AddonsError} `usage` */
export function lastOf({ last = '50' }: Flags, noun: string): number {
  if (/^\d{1,9}$/.test(last)) return Number(last);
  throw new AddonsError('usage', `--last ${JSON.stringify(last.slice(0, 40))} is not a number of ${noun}.`, {
    hint: 'Give a whole number, like --last 20; 0 shows all.',
  });
}
