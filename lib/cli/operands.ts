import { AddonsError } from '../errors.ts';
import { type CommandEntry, type Operand, operandUsage } from './command-entry.ts';
import type { Flags } from './options.ts';
import type { Parsed } from './parse.ts';

/** The app that is meant where none is named. */
export interface StandIn {
  /** Asked only where the words are too few. */
  app(): string | undefined;
  /** The environment variable that may name it, to say so. */
  variable: string;
}

const NOBODY: StandIn = { app: () => undefined, variable: 'X_APP_NAME' };

/**
 * The words for each operand, by name. Where they are too few, the app is not among them: it is `standIn`'s.
 *
 * @throws {AddonsError} `usage`: a missing or an excess word; nothing is missed beside `--help`
 */
export function fillOperands(entry: CommandEntry, parsed: Parsed, standIn: StandIn = NOBODY): Map<string, string[]> {
  const { flags, words, verbatim } = parsed;
  const operands = new Map<string, string[]>();
  if (flags.help || flags.version) return operands;
  checkTakesApp(entry, flags);
  const app = flags.app ?? (lacksApp(entry, parsed) ? standIn.app() : undefined);
  // What stands behind a `--` is never the app.
  if (app === undefined && words.length === 0 && verbatim.length > 0 && hasApp(entry))
    throw missingApp(entry, standIn, flags);
  const [first] = entry.operands;
  if (first && words.length === 0 && verbatim.length > 0 && !hasApp(entry) && isNeeded(first, flags))
    throw missing(entry, first, standIn, flags);
  const left = [...words, ...verbatim];
  for (const operand of entry.operands) {
    const taken = operand.name === 'app' && app !== undefined ? [app] : left.splice(0, operand.many ? left.length : 1);
    if (taken.length === 0 && isNeeded(operand, flags)) throw missing(entry, operand, standIn, flags);
    operands.set(operand.name, taken);
  }
  if (left.length === 0) return operands;
  throw new AddonsError('usage', `addons ${entry.name} does not know what to do with "${left.join(' ')}".`, {
    hint: usageLine(entry),
  });
}

function checkTakesApp(entry: CommandEntry, { app }: Flags): void {
  if (app === undefined || entry.app || hasApp(entry)) return;
  throw new AddonsError('usage', `addons ${entry.name} takes no app.`, { hint: 'Leave out --app.' });
}

/** Whether the words are too few for all that is needed; an app that may be left out is not. */
function lacksApp(entry: CommandEntry, { flags, words, verbatim }: Parsed): boolean {
  // Where nobody is asked, an empty variable in a hook must not become another app.
  if (flags.force) return false;
  const needed = entry.operands.filter((operand) => isNeeded(operand, flags));
  if (!needed.some(isApp)) return false;
  if (entry.verbatim) return words.length === 0 || verbatim.length === 0;
  return words.length < needed.length;
}

const hasApp = (entry: CommandEntry): boolean => entry.operands.some(isApp);

const isApp = ({ name }: Operand): boolean => name === 'app';

const isNeeded = ({ optional, neededWithout }: Operand, flags: Flags): boolean =>
  neededWithout ? !flags[neededWithout] : !optional;

function missing(entry: CommandEntry, operand: Operand, standIn: StandIn, flags: Flags): AddonsError {
  if (isApp(operand)) return missingApp(entry, standIn, flags);
  return new AddonsError('usage', needs(entry, operand.name), {
    hint: operand.neededWithout ? `Name it, or say --${operand.neededWithout}.` : usageLine(entry),
  });
}

function missingApp(entry: CommandEntry, { variable }: StandIn, { force }: Flags): AddonsError {
  if (force) return new AddonsError('usage', needs(entry, 'app'), { hint: 'With --force the app must be named.' });
  const all = entry.operands.some(({ neededWithout }) => neededWithout === 'all') ? ' say --all,' : '';
  return new AddonsError('usage', needs(entry, 'app'), {
    hint: `Name the app,${all} set ${variable}, or say: addons use APP`,
  });
}

const needs = (entry: CommandEntry, name: string): string =>
  `addons ${entry.name} needs ${/^[aeiou]/.test(name) ? 'an' : 'a'} <${name}>.`;

const usageLine = (entry: CommandEntry): string => `Usage: addons ${entry.name} ${operandUsage(entry)}`.trimEnd();
