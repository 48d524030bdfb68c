import type { CommandEntry } from '../command-entry.ts';
import { FORCE } from './words.ts';

export const REPAIR: readonly CommandEntry[] = [
  {
    name: 'resolve',
    group: 'Repair',
    summary: 'settle an operation that needs a person',
    operands: [{ name: 'operation', offers: 'operation' }],
    options: [
      { flags: '--adopt <id>', description: 'the resource exists under this id: keep it' },
      { flags: '--retry', description: 'run its script again' },
      { flags: '--discard', description: 'forget the operation; nothing is run' },
      FORCE,
    ],
    examples: ['addons resolve mwpjbfg26e1d', 'addons resolve mwpjbfg26e1d --retry'],
    load: async () => (await import('../commands/resolve.ts')).resolve,
  },
  {
    name: 'unlock',
    group: 'Repair',
    summary: 'show what is held; free what a lost owner holds',
    operands: [{ name: 'key', optional: true }],
    options: [FORCE, { flags: '--confirm <key>', description: 'do it without asking if this is the key' }],
    examples: ['addons unlock', 'addons unlock 01HZX3 --force'],
    load: async () => (await import('../commands/unlock.ts')).unlock,
  },
];
