import type { Outcome } from './calls.ts';

/** What the journal holds of one operation, for a person to decide. Secrets are redacted. */
export interface OperationReport {
  operation: string;
  /** `damaged`: its `op` file cannot be understood, so nothing else is known of it. */
  kind: string;
  app?: string;
  addon?: string;
  /** The resource's id, where one is known. */
  id?: string;
  /** ISO 8601. */
  started?: string;
  /** `quarantined` needs a person; `interrupted`: the next command settles it; `running`: its owner may be alive. */
  state: 'quarantined' | 'interrupted' | 'running' | 'damaged';
  /** Why it needs a person. */
  reason?: string;
  path: string;
  runs: RunReport[];
}

export interface RunReport {
  script: string;
  /** `succeeded`, `failed with exit status 3`, `died without a result` … */
  end: string;
  /** What it wrote, redacted; only the end of stderr. */
  stdout: string;
  stderr: string;
}

/** How a quarantined operation is settled. */
export type Resolution =
  /** The resource exists under this id: the app gets its line. `private`: where `provision` did not print it. */
  | { adopt: string; private?: string | undefined }
  /** Its script is run again, with the same operation id. */
  | 'retry'
  /** The entry is deleted; nothing is run. */
  | 'discard';

export interface ResolveResult {
  operation: string;
  outcome: Outcome;
  /** How it ended, such as `Settled the add of db for shop.` */
  message: string;
  steps: string[];
}

/** A resource that no app has any more and that is unprovisioned only later. */
export interface TrashItem {
  /** Id of the operation that put it there. */
  operation: string;
  app: string;
  addon: string;
  id: string;
  /** ISO 8601. */
  since: string;
  /** ISO 8601; from then on `emptyTrash({ expired: true })` takes it. */
  until: string;
  expired: boolean;
  /** Extra variable names that come back with it. */
  env: string[];
  /** Marked as never to be unprovisioned: emptying only forgets it. */
  kept: boolean;
}

export interface EmptyOptions {
  /** Only what is due. */
  expired?: boolean | undefined;
  /** What belongs to an add-on that is not installed is forgotten; no script is run for it. */
  forget?: boolean | undefined;
  /** Only these, by operation: what somebody was asked about. */
  only?: readonly string[] | undefined;
}

/** `error`: it stays in the trash. */
export type EmptyEnd = (TrashItem & Emptied) | { item: TrashItem; error: Error };

export interface Emptied {
  outcome: Outcome;
  /**
   * What becomes of the resource: it was unprovisioned, or lives on, marked as kept, or with an add-on that is gone. Told from
   * what was seen before the work began: `unchanged` says nothing of it, and a mark that came meanwhile spares it all the same.
   */
  resource: 'destroyed' | 'kept' | 'forgotten';
  steps: string[];
}

export interface UndoResult {
  app: string;
  addon: string;
  outcome: Outcome;
  id: string;
  configVar: string;
  env: string[];
  steps: string[];
}
