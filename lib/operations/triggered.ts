import { AddonsError } from '../errors.ts';
import { type Facts, TRIGGERED, type Triggered } from '../plugins/triggers.ts';
import { findApp } from '../state/apps.ts';
import type { Context } from './context.ts';
import { type About, logged } from './logged.ts';
import type { Outcome } from './results.ts';

/**
 * Does the work between the plugins' triggers, and logs it. One of them that refuses comes before anything is written; they are
 * told of the end when it is final.
 */
export async function triggered<T extends { outcome: Outcome; resource?: string; changed?: string[] }>(
  context: Context,
  about: About & { what: Triggered },
  work: (context: Context) => Promise<T>,
): Promise<T> {
  const { what, app } = about;
  const { store, triggers } = context;
  const words = wordsOf(about);
  if (app !== undefined) findApp(store.platform, app); // plugins are asked about what is there
  await triggers.ask(what, words);
  let operation: string | undefined;
  const watched: Context = {
    ...context,
    began: (id) => {
      operation = id;
      context.began(id);
    },
  };
  const tell = (facts: Facts) => triggers.tell(`post-${what}`, words, { ...facts, operation });
  let result: T;
  try {
    result = await logged(watched, about, work);
  } catch (error) {
    await tell({ outcome: 'failed', error: error instanceof AddonsError ? error.code : 'io' });
    throw error;
  }
  if (result.outcome !== 'planned') await tell({ outcome: result.outcome, changed: result.changed });
  return result;
}

/** What a trigger is called with: the app, then the add-on. */
export const wordsOf = ({ app, addon }: { app?: string | undefined; addon?: string | undefined }): string[] =>
  [app, addon].filter((word) => word !== undefined);

/** The kinds of operations that have triggers. */
export const isTriggered = (kind: string): kind is Triggered => KINDS.has(kind);

const KINDS: ReadonlySet<string> = new Set(TRIGGERED);
