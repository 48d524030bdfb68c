import type { Outcome } from './calls.ts';

export interface EnableResult {
  addon: string;
  outcome: Outcome;
  /** Version of the shipped add-on that was copied to the add-ons directory by this call ('' if unnamed). */
  installed?: string;
  /** Version of a newer copy that ships with this package. */
  newerShipped?: string;
  steps: string[];
}

export interface InstallOptions {
  /** The add-on's name, default the last part of the source, or what the package says. */
  as?: string | undefined;
  /** Replaces another version of that name. */
  force?: boolean | undefined;
}

export interface InstallResult {
  addon: string;
  outcome: Outcome;
  /** The directory that was copied, absolute and without links, or the package. */
  source: string;
  version?: string;
  /** The version that was replaced, '' if it has no name. */
  replaced?: string;
  /** The config var that apps will get, e.g. `X_QUEUE_URL`. */
  configVar: string;
  /** Root's file with configuration for this name, where there is one: it is in force. */
  overrides?: string;
  steps: string[];
}

export interface UninstallResult {
  addon: string;
  outcome: Outcome;
  /** The data directory, where something is left in it. */
  left?: string;
  /** Root's file with configuration for this name, which stays. */
  overrides?: string;
  /** The operator's file, which was edited and stays. */
  config?: string;
  steps: string[];
}

export interface UninstallOptions {
  /** The operator's file goes, too, where it was edited. */
  clean?: boolean | undefined;
}

export interface AddResult {
  app: string;
  addon: string;
  outcome: Outcome;
  /** Undefined in a dry run. */
  id?: string;
  /** The config var that the next release sets, e.g. `X_DB_URL`. */
  configVar: string;
  /** Extra names of that variable, e.g. `DATABASE_URL`. */
  env: string[];
  steps: string[];
}

export interface AddOptions {
  /** An exact variable name that gets the URL, too. Given again for what the app has, it is one more name. */
  env?: string | undefined;
}

export interface RemoveOptions {
  /** Runs no script: the line goes, the resource is left to whatever became of it. Works without the add-on. */
  forget?: boolean | undefined;
  /** Seconds, at most 520 weeks, that the resource stays in the trash before it may be unprovisioned; `undo` brings it back. */
  keepFor?: number | undefined;
  /** Refuse where the app has another resource than this one, which somebody was asked about. */
  id?: string | undefined;
  /** Only this extra variable name goes; the resource stays. Not with `forget` or `keepFor`, which exclude each other, too. */
  env?: string | undefined;
}

export interface RemoveResult {
  app: string;
  addon: string;
  outcome: Outcome;
  /** Undefined only where an extra name was taken from what the app has no more. */
  id?: string;
  /**
   * What becomes of the resource: it was unprovisioned, or it lives on unknown, marked as kept, or in the trash. `unknown`: somebody
   * else took its line at the same moment.
   */
  resource: 'destroyed' | 'forgotten' | 'kept' | 'in-trash' | 'stays' | 'unknown';
  /** `in-trash`: until when, ISO 8601. */
  until?: string;
  steps: string[];
}

export interface RotateResult {
  app: string;
  addon: string;
  outcome: Outcome;
  id: string;
  /** The config vars that the next release changes. */
  configVars: string[];
  steps: string[];
}

export interface AdoptOptions {
  /** True: never to be unprovisioned; false: takes that mark away. */
  keep?: boolean | undefined;
  /** As for `add`. */
  env?: string | undefined;
}

export interface AdoptResult extends AddResult {
  id: string;
  kept: boolean;
}

export interface RenameResult {
  app: string;
  to: string;
  outcome: Outcome;
  /** Whether the app's directory itself was renamed; else its lines were moved to the directory that was there. */
  directory: boolean;
  /** Add-ons whose lines moved. */
  moved: string[];
  steps: string[];
}

export interface CloneResult {
  app: string;
  to: string;
  outcome: Outcome;
  added: AddResult[];
  /** Whether `to` has the data of all of them: false also where it had a resource of its own already, which a warning names. */
  data: boolean;
  steps: string[];
}

export interface DisableResult {
  addon: string;
  outcome: Outcome;
  /** What was removed from apps, or would be. */
  removed: RemoveResult[];
  steps: string[];
}

export interface DeleteResult {
  app: string;
  outcome: Outcome;
  removed: RemoveResult[];
  steps: string[];
}

export interface ReleaseResult {
  app: string;
  outcome: Outcome;
  /** Names of the config vars that this app's add-ons give. */
  configVars: string[];
  /** Those of them whose value changed (in a dry run: that would be computed). */
  changed: string[];
  /** Malformed lines, for example. */
  warnings: string[];
}

export interface DumpResult {
  app: string;
  addon: string;
  /** Bytes; undefined when it went to a file descriptor that cannot be measured. */
  bytes?: number;
  outcome: Outcome;
}

export interface RestoreResult {
  app: string;
  addon: string;
  outcome: Outcome;
}
