import type { AppResources } from '../operations/results.ts';
import type { Call } from './call.ts';

/** Says on stderr which lines of the app's ADDONS are not shown, as they cannot be understood. */
export function warnOfMalformed(
  { report, json }: Call,
  { app, malformed }: Pick<AppResources, 'app' | 'malformed'>,
): void {
  if (json) return;
  for (const { line, problem } of malformed) {
    report.warn(`${app}: ${line === 0 ? 'ADDONS' : `line ${line} of ADDONS`}: ${problem}`);
  }
}
