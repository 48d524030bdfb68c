import type { RemoveResult } from '../operations/results.ts';

/** A resource that would be lost, as a question names it. */
export const resourceText = ({ app, addon, id = 'unknown' }: RemoveResult): string => `${addon} ${id} of ${app}`;
