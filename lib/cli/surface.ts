import type { AddonsError } from '../errors.ts';
import type { CommandEntry } from './command-entry.ts';
import { findCommand, VERBS } from './commands.ts';
import { EXIT_STATUS } from './exit-status.ts';

/** What one program offers of the command line, and how its users say it. */
export interface Surface {
  /** The command of that name or alias, a hidden one, too. */
  find(verb: string): CommandEntry | undefined;
  /** The names that people type. */
  verbs: readonly string[];
  /** A text for people with its commands as they are typed here: messages and hints say `addons add`. */
  spell(text: string): string;
  exitStatus(error: AddonsError): number;
}

/** That of `addons` itself. */
export const ADDONS: Surface = {
  find: findCommand,
  verbs: VERBS,
  spell: (text) => text,
  exitStatus: ({ code }) => EXIT_STATUS[code],
};
