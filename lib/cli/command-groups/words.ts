import type { Operand } from '../command-entry.ts';
import type { OptionEntry } from '../options.ts';

// What several commands take.

export const APP: Operand = { name: 'app' };
export const ADDON: Operand = { name: 'addon' };
export const ADDONS: Operand = { name: 'addon', many: true };
export const FORCE: OptionEntry = { flags: '--force', description: 'do it without asking' };
export const CONFIRM_APP: OptionEntry = {
  flags: '--confirm <app>',
  description: "do it without asking if this is the app's name",
};
export const KEEP_FOR: OptionEntry = {
  flags: '--keep-for <time>',
  description: 'keep the data for 30m, 12h, 7d; see addons undo',
  offers: ['12h', '7d', '30d'],
};
export const DIR: Operand = { name: 'dir', optional: true };
export const AS: OptionEntry = { flags: '--as <name>', description: "the add-on's name, instead of its own" };
export const OUTPUT: OptionEntry = {
  flags: '-o, --output <file>',
  description: 'the package (default: NAME-VERSION.addon)',
};
