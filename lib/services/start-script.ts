import { quoted } from './shell-words.ts';
import type { Unit } from './unit.ts';

/**
 * The script that becomes the daemon, whichever supervisor starts it. It holds the environment, which may be secret: the file is
 * for its owner alone, and no argument of a process shows any of it.
 */
export function startScript({ addon, daemon, set, root, spec }: Unit, environment: Record<string, string>): string {
  const variables = Object.entries(environment).map(([name, value]) => `export ${name}=${quoted(value)}`);
  return [
    '#!/bin/sh',
    `# Becomes ${daemon} of the add-on ${addon}; its argument is the number of the instance. Written by addons, and replaced by it.`,
    ...variables,
    'export ADDON_INSTANCE="$1"',
    `export ADDONS_DAEMON="${addon}:${daemon}:${set}:$1"`,
    'umask 022',
    `cd ${quoted(root)} || exit 1`,
    `exec ${spec.command.map(quoted).join(' ')} </dev/null`,
    '',
  ].join('\n');
}
