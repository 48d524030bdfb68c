import type { CommandEntry } from '../command-entry.ts';
import { ADDON } from './words.ts';

export const SEE: readonly CommandEntry[] = [
  {
    name: 'list',
    group: 'See',
    summary: 'what one app has, or every app',
    operands: [{ name: 'app', optional: true }],
    options: [{ flags: '-a, --all', description: 'the add-ons instead: installed and shipped' }],
    examples: ['addons', 'addons shop', 'addons list -a', 'addons list --json'],
    load: async () => (await import('../commands/list.ts')).list,
  },
  {
    name: 'status',
    group: 'See',
    summary: 'the state of one app, or every app, at a glance',
    operands: [{ name: 'app', optional: true }],
    options: [{ flags: '--health', description: "ask each add-on's health script, too" }],
    examples: ['addons status', 'addons status shop --health'],
    load: async () => (await import('../commands/status.ts')).status,
  },
  {
    name: 'info',
    group: 'See',
    summary: 'one add-on, or a package: what is in it',
    operands: [ADDON],
    options: [],
    examples: ['addons info db', 'addons info ./vault-1.0.0.addon'],
    load: async () => (await import('../commands/info.ts')).info,
  },
  {
    name: 'check',
    group: 'See',
    summary: 'what is wrong, and what to do about it',
    operands: [],
    options: [{ flags: '--fix', description: 'make the safe repairs first' }],
    examples: ['addons check', 'addons check --fix', 'addons check --json'],
    load: async () => (await import('../commands/check.ts')).check,
  },
  {
    name: 'log',
    group: 'See',
    summary: 'what was done, when and by whom',
    operands: [{ name: 'name', optional: true, offers: 'app' }],
    options: [
      { flags: '--follow', description: 'go on with what happens next' },
      { flags: '--last <number>', description: 'only the newest ones (default: 50; 0: all)' },
    ],
    examples: ['addons log', 'addons log shop --last 10', 'addons log db --follow'],
    load: async () => (await import('../commands/log.ts')).log,
  },
  {
    name: 'daemons',
    group: 'See',
    summary: 'the daemons of one add-on, or all',
    operands: [{ name: 'addon', optional: true }],
    options: [
      { flags: '--start', description: 'start those of the add-on that do not run' },
      { flags: '--stop', description: 'end them, until they are started again' },
      { flags: '--restart', description: 'end them and start them anew' },
    ],
    examples: ['addons daemons', 'addons daemons cache --restart'],
    load: async () => (await import('../commands/daemons.ts')).daemons,
  },
  {
    name: 'logs',
    group: 'See',
    summary: 'what the daemons of an add-on wrote',
    operands: [ADDON, { name: 'daemon', optional: true, offers: [] }],
    options: [
      { flags: '--follow', description: 'go on with what comes next' },
      { flags: '--lines <number>', description: 'how many of those there are (default: 50)' },
    ],
    examples: ['addons logs cache', 'addons logs cache server --follow'],
    load: async () => (await import('../commands/logs.ts')).logs,
  },
];
