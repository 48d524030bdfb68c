import type { CheckEnd, TestOptions } from './results.ts';

/**
 * Proves that the add-on of a directory keeps the contract of `docs/writing-add-ons.md`: each check as it ends.
 *
 * It works on a platform of its own below a temporary directory. That is tidied away before the iteration ends, however it ends;
 * what could not be removed is told as a warning, or in the hint of `aborted`.
 *
 * @throws {AddonsError} `usage` for options that the add-on does not take; `aborted`; `disk-full`, `io` …
 * @example
 * for await (const { check, outcome, seen } of testAddon('./my-add-on', { connect: true })) console.log(check, outcome, seen);
 */
export async function* testAddon(source: string, options: TestOptions = {}): AsyncGenerator<CheckEnd, void, undefined> {
  // Loaded when it is asked for: most users of the library never do.
  yield* (await import('./run-checks.ts')).runChecks(source, options);
}
