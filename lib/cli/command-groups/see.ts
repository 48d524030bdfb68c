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
    summary: 'one add-on: scripts, configuration, apps',
    operands: [ADDON],
    options: [],
    examples: ['addons info db'],
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
    name: 'executions',
    app: true,
    group: 'See',
    summary: 'what the scripts did, and what they wrote',
    operands: [{ name: 'id', optional: true, offers: 'execution' }],
    options: [
      { flags: '--add-on <name>', description: 'only those of this add-on' },
      { flags: '--failed', description: 'only those that failed' },
      { flags: '--last <number>', description: 'only the newest ones (default: 50; 0: all)' },
    ],
    examples: ['addons executions', 'addons executions --app shop --failed', 'addons executions --add-on db --json'],
    load: async () => (await import('../commands/executions.ts')).executions,
  },
];
