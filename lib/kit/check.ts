import type { Trial } from './trial.ts';

/** One check: it throws an `AddonsError` that says what was seen and what to do, or says why it could not look. */
export type Check = (trial: Trial) => Promise<Skipped | undefined>;

export interface Skipped {
  skipped: string;
}
