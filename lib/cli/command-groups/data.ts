import type { CommandEntry } from '../command-entry.ts';
import { ADDON, APP, CONFIRM_APP, FORCE } from './words.ts';

export const DATA: readonly CommandEntry[] = [
  {
    name: 'dump',
    group: 'Data',
    summary: "copy a resource's data to a file or a pipe",
    operands: [APP, ADDON],
    options: [{ flags: '-o, --output <file>', description: 'write to this file: whole or not at all' }],
    examples: ['addons dump shop db -o shop.dump', 'addons dump shop db | gzip > shop.dump.gz'],
    load: async () => (await import('../commands/dump.ts')).dump,
  },
  {
    name: 'restore',
    tellsApp: true,
    group: 'Data',
    summary: "overwrite a resource's data from a dump",
    operands: [APP, ADDON, { name: 'file', optional: true }],
    options: [FORCE, CONFIRM_APP],
    examples: ['addons restore shop db shop.dump', 'gunzip < shop.dump.gz | addons restore shop db --force'],
    load: async () => (await import('../commands/restore.ts')).restore,
  },
];
