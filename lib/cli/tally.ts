import { AddonsError } from '../errors.ts';
import type { Outcome } from '../operations/results.ts';
import type { Answer, Call } from './call.ts';
import { errorDocument } from './error-text.ts';
import { plural } from './wording.ts';

/** What one operation of several was about; goes into the JSON of a failed one. */
export type Subject = { app?: string; addon?: string };

/** Tells each operation's end as it comes, and all of them in one line afterwards. */
export interface Tally {
  done(result: { outcome: Outcome }, text: string): Promise<void>;
  failed(name: string, subject: Subject, error: unknown): void;
  answer(): Promise<Answer>;
}

/** @param noun what there is one of for each operation: `add-on`, `app` */
export function startTally(call: Call, noun: string): Tally {
  const items: object[] = [];
  const errors: AddonsError[] = [];
  const failed: string[] = [];
  const counts = new Map<string, number>();
  const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
  return {
    async done(result, text) {
      items.push(result);
      count(OUTCOMES[result.outcome]);
      await call.say(text);
    },
    failed(name, subject, thrown) {
      const error = call.shown(thrown);
      items.push({ ...subject, error: errorDocument(error) });
      errors.push(error);
      failed.push(name);
      count('failed');
      if (!call.json) call.report.error(error);
    },
    async answer() {
      if (items.length > 1) await call.say(summary(noun, items.length, counts, failed));
      return { result: items, errors };
    },
  };
}

/** One operation after the other; goes on after a failure, stops at a signal. */
export async function each<T extends { outcome: Outcome }>(
  call: Call,
  names: readonly string[],
  steps: {
    noun: string;
    subject: (name: string) => Subject;
    act: (name: string) => Promise<T>;
    text: (result: T) => string;
  },
): Promise<Answer> {
  const tally = startTally(call, steps.noun);
  for (const name of names) {
    try {
      if (call.io.signal.aborted) throw new AddonsError('aborted', `Interrupted: ${name} was left as it is.`);
      const result = await steps.act(name);
      await tally.done(result, steps.text(result));
    } catch (error) {
      tally.failed(name, steps.subject(name), error);
    }
  }
  return tally.answer();
}

const OUTCOMES: Record<Outcome, string> = { done: 'done', unchanged: 'unchanged', planned: 'planned' };

function summary(noun: string, total: number, counts: ReadonlyMap<string, number>, failed: readonly string[]): string {
  const parts = [...counts].map(([what, count]) => `${count} ${what}`);
  const names = failed.length > 0 ? ` (${failed.join(', ')})` : '';
  return `${plural(total, noun)}: ${parts.sort((a, b) => rank(a) - rank(b)).join(', ')}${names}.\n`;
}

const rank = (part: string) => ['done', 'unchanged', 'planned', 'failed'].findIndex((what) => part.endsWith(what));
