import type { App } from './apps.ts';

/** The config vars of one app as they were read, those of others among them. Secret. */
export interface ConfigVars {
  readonly values: ReadonlyMap<string, string>;
  /** Two of one app are equal where nothing changed in between, neither ours nor what belongs to others. */
  readonly version: string;
}

/** What is to become of config vars: a value each, or undefined to drop it. */
export type ConfigVarChanges = ReadonlyMap<string, string | undefined>;

/**
 * Where a platform keeps the config vars of its apps: the file `ENV`, or what the host has for them. Those of others are never
 * touched. Call what changes them under the app's lock.
 */
export interface ConfigVarSink {
  /** Where they are, for messages: `/home/x/shop/ENV`. */
  place(app: App): string;
  /** @throws {AddonsError} `malformed`, `permission`, `io`, or why the host does not tell them */
  read(app: App): Promise<ConfigVars>;
  /**
   * Whether `change` would take these. Changes nothing.
   *
   * @throws {AddonsError} `malformed` for a value that cannot be kept, or a place that cannot be edited
   */
  check(app: App, changes: ConfigVarChanges): Promise<void>;
  /**
   * All of them, or on an error none.
   *
   * @returns false: they were so already, and nothing was written
   * @throws {AddonsError} as `check`; `conflict`, `disk-full`, `read-only`, `permission`
   */
  change(app: App, changes: ConfigVarChanges): Promise<boolean>;
}
