import { resolve } from 'node:path';
import type { PackResult } from '../operations/results.ts';
import type { Call } from './call.ts';
import { planText } from './plan-text.ts';
import { visible } from './visible-text.ts';
import { plural, thousands } from './wording.ts';

/** Where `--output` says, seen from where the command is typed. */
export const packageFile = ({ flags, io }: Call): string | undefined =>
  flags.output === undefined ? undefined : resolve(io.cwd, flags.output);

export function packText({ addon, version, file, outcome, files = 0, bytes = 0, steps }: PackResult): string {
  if (outcome === 'planned') return planText(`Would pack ${addon} ${visible(version)}`, steps);
  return `Packed ${addon} ${visible(version)}: ${visible(file)} (${plural(files, 'file')}, ${thousands(bytes)} bytes).\n`;
}
