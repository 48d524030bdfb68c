import type { Command } from './call.ts';
import type { OptionEntry } from './options.ts';

/** One operand; those of a command are filled from left to right. */
export interface Operand {
  name: string;
  optional?: boolean;
  /** Takes all words that are left. */
  many?: boolean;
}

/** One command. The table below feeds parser, help, links and completion. */
export interface CommandEntry {
  name: string;
  aliases?: readonly string[];
  group: string;
  /** One line, at most 50 characters. */
  summary: string;
  operands: readonly Operand[];
  options: readonly OptionEntry[];
  examples: readonly string[];
  /** Needs no platform: works beside a broken settings file. */
  standalone?: boolean;
  /** Loads the command's own module: a command pays only for what it uses. */
  load: () => Promise<Command>;
}

const APP: Operand = { name: 'app' };
const ADDON: Operand = { name: 'addon' };
const ADDONS: Operand = { name: 'addon', many: true };
const FORCE: OptionEntry = { flags: '--force', description: 'do it without asking' };
const CONFIRM_APP: OptionEntry = {
  flags: '--confirm <app>',
  description: "do it without asking if this is the app's name",
};

/** Every built-in command, in the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'list',
    group: 'See',
    summary: 'what one app has, or every app',
    operands: [{ name: 'app', optional: true }],
    options: [{ flags: '-a, --all', description: 'the add-ons instead: installed and shipped' }],
    examples: ['addons', 'addons shop', 'addons list -a', 'addons list --json'],
    load: async () => (await import('./commands/list.ts')).list,
  },
  {
    name: 'info',
    group: 'See',
    summary: 'one add-on: scripts, configuration, apps',
    operands: [ADDON],
    options: [],
    examples: ['addons info db'],
    load: async () => (await import('./commands/info.ts')).info,
  },
  {
    name: 'check',
    group: 'See',
    summary: 'what is wrong, and what to do about it',
    operands: [],
    options: [],
    examples: ['addons check', 'addons check --json'],
    load: async () => (await import('./commands/check.ts')).check,
  },
  {
    name: 'enable',
    group: 'Change',
    summary: 'make an add-on usable',
    operands: [ADDONS],
    options: [],
    examples: ['addons enable db'],
    load: async () => (await import('./commands/enable.ts')).enable,
  },
  {
    name: 'disable',
    group: 'Change',
    summary: 'remove an add-on from every app, switch it off',
    operands: [ADDONS],
    options: [FORCE, { flags: '--confirm <addon>', description: "do it without asking if this is the add-on's name" }],
    examples: ['addons disable db', 'addons disable db --confirm db'],
    load: async () => (await import('./commands/disable.ts')).disable,
  },
  {
    name: 'add',
    group: 'Change',
    summary: 'give an app a resource of an add-on',
    operands: [APP, ADDONS],
    options: [],
    examples: ['addons add shop db', 'addons add shop db redis', 'addons add db --app shop'],
    load: async () => (await import('./commands/add.ts')).add,
  },
  {
    name: 'remove',
    group: 'Change',
    summary: "destroy an app's resource, with its data",
    operands: [APP, { name: 'addon', many: true, optional: true }],
    options: [{ flags: '--all', description: 'every add-on of the app' }, FORCE, CONFIRM_APP],
    examples: ['addons remove shop db', 'addons remove shop --all --confirm shop'],
    load: async () => (await import('./commands/remove.ts')).remove,
  },
  {
    name: 'delete',
    aliases: ['pre-delete'],
    group: 'Change',
    summary: 'destroy every resource of an app',
    operands: [APP],
    options: [FORCE, CONFIRM_APP],
    examples: ['addons delete shop', 'addons pre-delete shop --force'],
    load: async () => (await import('./commands/delete.ts')).deleteApp,
  },
  {
    name: 'release',
    aliases: ['pre-release'],
    group: 'Deploy',
    summary: "write an app's config vars to its ENV file",
    operands: [{ name: 'app', many: true, optional: true }],
    options: [{ flags: '--all', description: 'every app' }],
    examples: ['addons release shop', 'addons release --all', 'addons pre-release shop'],
    load: async () => (await import('./commands/release.ts')).release,
  },
  {
    name: 'url',
    group: 'Deploy',
    summary: "print a resource's URL (secret)",
    operands: [APP, ADDON],
    options: [],
    examples: ['addons url shop db', 'psql "$(addons url shop postgresql)"'],
    load: async () => (await import('./commands/url.ts')).url,
  },
  {
    name: 'env',
    group: 'Deploy',
    summary: "print an app's variables (secret)",
    operands: [APP],
    options: [{ flags: '--format <format>', description: 'dotenv (default), docker, json or shell' }],
    examples: ['addons env shop', 'eval "$(addons env shop --format shell)"'],
    load: async () => (await import('./commands/env.ts')).env,
  },
  {
    name: 'dump',
    group: 'Data',
    summary: "copy a resource's data to a file or a pipe",
    operands: [APP, ADDON],
    options: [{ flags: '-o, --output <file>', description: 'write to this file: whole or not at all' }],
    examples: ['addons dump shop db -o shop.dump', 'addons dump shop db | gzip > shop.dump.gz'],
    load: async () => (await import('./commands/dump.ts')).dump,
  },
  {
    name: 'restore',
    group: 'Data',
    summary: "overwrite a resource's data from a dump",
    operands: [APP, ADDON, { name: 'file', optional: true }],
    options: [FORCE, CONFIRM_APP],
    examples: ['addons restore shop db shop.dump', 'gunzip < shop.dump.gz | addons restore shop db --force'],
    load: async () => (await import('./commands/restore.ts')).restore,
  },
  {
    name: 'unlock',
    group: 'Repair',
    summary: 'show what is held; free what a lost owner holds',
    operands: [{ name: 'key', optional: true }],
    options: [FORCE, { flags: '--confirm <key>', description: 'do it without asking if this is the key' }],
    examples: ['addons unlock', 'addons unlock 01HZX3 --force'],
    load: async () => (await import('./commands/unlock.ts')).unlock,
  },
  {
    name: 'link',
    group: 'Set up',
    summary: 'make `npx addons:add` work in a project',
    operands: [{ name: 'dir', optional: true }],
    options: [],
    examples: ['addons link', 'addons link ../site'],
    standalone: true,
    load: async () => (await import('./commands/link.ts')).link,
  },
  {
    name: 'help',
    group: 'Set up',
    summary: 'this overview, or one command in full',
    operands: [{ name: 'command', optional: true }],
    options: [],
    examples: ['addons help', 'addons help add'],
    standalone: true,
    load: async () => (await import('./commands/help.ts')).help,
  },
];

/** All names that a command answers to. */
export const VERBS: readonly string[] = COMMANDS.flatMap((entry) => [entry.name, ...(entry.aliases ?? [])]);

/** The command of that name or alias. */
export const findCommand = (verb: string): CommandEntry | undefined =>
  COMMANDS.find((entry) => entry.name === verb || entry.aliases?.includes(verb));

/** `<app> <addon>...`: the operands as the help shows them. */
export const operandUsage = (entry: CommandEntry): string =>
  entry.operands
    .map(({ name, optional, many }) => {
      const word = many ? `${name}...` : name;
      return optional ? `[${word}]` : `<${word}>`;
    })
    .join(' ');
