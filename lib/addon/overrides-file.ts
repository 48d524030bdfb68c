import { stringify } from 'smol-toml';
import type { Descriptor } from './descriptor.ts';

/**
 * The operator's file as it is made: every value that may be overridden, commented out. Undefined where there is none.
 *
 * @param name of the add-on
 */
export function overridesTemplate({ config }: Descriptor, name: string): string | undefined {
  const values = Object.entries(config).filter(([key]) => !key.startsWith('_'));
  if (values.length === 0) return undefined;
  return [
    `# Values of ${name} on this machine. Take the "#" away from a line to set it; what is left out stays as it was made.`,
    `# See: addons config ${name}`,
    '',
    '[config]',
    ...values.map(([key, value]) => `# ${stringify({ [key]: value }).trim()}`),
    '',
    '# Only where the profile NAME is in force:',
    '# [profiles.NAME.config]',
    '',
  ].join('\n');
}
