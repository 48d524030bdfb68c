import type { Platform } from '../platform.ts';
import { findPlugins, programOf } from './plugin.ts';
import { TRIGGERED } from './triggers.ts';

/** Of plugins that are not run at all, and of triggers and `commands` that are passed over or refused. */
export const problemsOf = (platform: Platform): string[] =>
  findPlugins(platform).flatMap((plugin) => {
    if (plugin.problem !== undefined) return [plugin.problem];
    return PROGRAMS.flatMap((name) => programOf(plugin, name)?.problem?.message ?? []);
  });

const PROGRAMS = [
  'commands',
  ...TRIGGERED.flatMap((verb) => [`pre-${verb}`, `post-${verb}`]),
  ...['install', 'app-delete', 'app-rename', 'app-clone'],
];
