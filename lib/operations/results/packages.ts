import type { Outcome } from './calls.ts';

export interface BuildResult {
  /** The add-on's directory, absolute and without links. */
  directory: string;
  outcome: Outcome;
  /** `npm`, `pip`, and `build` for its hook: what was done, or would be. */
  built: string[];
  steps: string[];
}

export interface CleanResult {
  directory: string;
  outcome: Outcome;
  /** Names in the directory. */
  removed: string[];
  steps: string[];
}

export interface PackOptions {
  /** The package; default `NAME-VERSION.addon` in the current directory. */
  output?: string | undefined;
}

export interface PackResult {
  addon: string;
  version: string;
  file: string;
  outcome: Outcome;
  /** Of the content: the same for the same files. Undefined in a dry run, as the next two. */
  hash?: string;
  files?: number;
  /** Of the package. */
  bytes?: number;
  steps: string[];
}

export interface DevelopResult {
  addon: string;
  outcome: Outcome;
  /** The developer's directory. */
  directory: string;
  configVar: string;
  steps: string[];
}

/** What came of a change. `files`: what changed; none at the first look. `error`: it is not sound now. */
export type WatchEnd = { files: string[]; outcome: Outcome } | { files: string[]; error: Error };

export interface SwapResult {
  addon: string;
  outcome: Outcome;
  /** Where the new version is from. */
  source: string;
  version?: string;
  /** The version that was replaced, '' if it has no name. */
  replaced?: string;
  /** Apps that use it, and have its URL as it is now. */
  released: string[];
  /** Those that could not be released: they have the URL as it was. */
  notReleased: string[];
  steps: string[];
}

/** One package of `/etc/x/add-ons.d`. */
export type SyncEnd = Synced | { file: string; addon?: string; error: Error };

export interface Synced {
  file: string;
  addon: string;
  outcome: Outcome;
  version?: string;
  /** The version that was replaced, '' if it has no name. */
  replaced?: string;
  steps: string[];
}

export interface ConfigResult {
  addon: string;
  outcome: Outcome;
  /** The operator's file. */
  file: string;
  steps: string[];
}
