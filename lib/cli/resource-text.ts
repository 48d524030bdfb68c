import type { RemoveResult } from '../operations/results.ts';

/** A resource that would be lost, as a question names it. */
export const resourceText = ({ app, addon, id = 'unknown', resource }: RemoveResult): string =>
  `${addon} ${id} of ${app}${resource === 'kept' ? ' (only its line: it is marked as kept)' : ''}`;

/** What of several removed resources was spared, to be said after the sentence that tells of them. */
export function sparedText(removed: readonly RemoveResult[]): string {
  const kept = removed.filter(({ resource }) => resource === 'kept').map(({ id }) => id);
  return kept.length === 0 ? '' : `Not unprovisioned, as marked: ${kept.join(', ')}.\n`;
}
