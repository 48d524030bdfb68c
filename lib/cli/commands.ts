import type { CommandEntry } from './command-entry.ts';
import { CHANGE } from './command-groups/change.ts';
import { DATA } from './command-groups/data.ts';
import { DEPLOY } from './command-groups/deploy.ts';
import { DEVELOP } from './command-groups/develop.ts';
import { REPAIR } from './command-groups/repair.ts';
import { SEE } from './command-groups/see.ts';
import { SET_UP } from './command-groups/set-up.ts';

const ALL: readonly CommandEntry[] = [...SEE, ...CHANGE, ...DEPLOY, ...DATA, ...REPAIR, ...SET_UP, ...DEVELOP];

/** Every built-in command that people type, in the order of the help. */
export const COMMANDS: readonly CommandEntry[] = ALL.filter(({ hidden }) => !hidden);

/** All names that a command answers to. */
export const VERBS: readonly string[] = COMMANDS.flatMap((entry) => [entry.name, ...(entry.aliases ?? [])]);

/** The command of that name or alias, a hidden one, too. */
export const findCommand = (verb: string): CommandEntry | undefined =>
  ALL.find((entry) => entry.name === verb || entry.aliases?.includes(verb));
