import type { AddonsError } from '../../errors.ts';

/** `done`: something changed. `unchanged`: it was so already. `planned`: a dry run; nothing was done. */
export type Outcome = 'done' | 'unchanged' | 'planned';

/** What a running call tells while it works. Texts are for people and never hold a secret. */
export type Progress =
  /** A step began, e.g. `Provisioning db for shop`. */
  | { type: 'step'; message: string }
  /** Worth knowing, e.g. `Installed the shipped add-on db 1.0.0`. */
  | { type: 'note'; message: string }
  /** Something is wrong that did not stop the call. */
  | { type: 'warning'; message: string }
  /** What the processor `log` has to say of one execution: several lines. */
  | { type: 'execution'; message: string }
  /** A plugin that was told what was done failed; that it was done stays so. The call itself goes on and succeeds. */
  | { type: 'failure'; message: string; error: AddonsError }
  /** Another process is at work; who and since when. */
  | { type: 'waiting'; message: string }
  /** Progress of long work: `done` of `total` apps. */
  | { type: 'count'; message: string; done: number; total: number };

/** Options of a call. Those that only read files at once take none: `apps`, `env`, `info`, `inspect`, `export`. */
export interface CallOptions {
  /** Stops waiting and kills the running script's process group. The operation stays recoverable. */
  signal?: AbortSignal | undefined;
  /** Seconds to wait for other processes, default 30. */
  wait?: number | undefined;
  /** Seconds a script may run, instead of what its `addon.toml` says. */
  timeout?: number | undefined;
  onProgress?: ((event: Progress) => void) | undefined;
  /**
   * Plan only: nothing is changed, no script that changes anything is run, and a result with an `outcome` says `planned`. What
   * only asks runs its scripts all the same: `url`, `check`, `status` with `health`.
   */
  dryRun?: boolean | undefined;
  /** File descriptor that gets the scripts' stderr with `X_TRACE` set; nothing of it is kept. */
  trace?: number | undefined;
}
