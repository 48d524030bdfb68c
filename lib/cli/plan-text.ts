import { visible } from './visible-text.ts';

/** What a dry run found: a sentence and its steps, a line each. */
export const planText = (would: string, steps: readonly string[]): string =>
  [steps.length > 0 ? `${would}:` : `${would}.`, ...steps.map((step) => `  - ${visible(step)}`), ''].join('\n');
